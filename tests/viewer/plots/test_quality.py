"""Words and curves of quality, from numbers put in by hand."""

from dataclasses import replace

import holoviews as hv
import pandas as pd
import pytest

from tests.viewer.plots.test_training import lines
from viewer.data.quality import Quality
from viewer.plots import quality as plots
from viewer.plots.colors import colors

hv.extension("bokeh")
LIGHT = colors("paper", "light")
TITLES = ["Word vectors", "LSTM state"]
WHOLE = Quality(
    listed=10, mapped=25_000, method="isomap", landmarks=500, judged=5_000, kept=0.224, badly=0.384,
    trustworthiness=0.9163, continuity=0.93, residual_variance=0.2, neighborhood_hit=0.78, components=1,
    alignment_residual=None, linear_probe=0.911, neighbor_probe=0.88,
)  # fmt: skip


def test_a_map_is_told_in_sentences_and_its_exact_numbers_are_folded_away() -> None:
    html = plots.told(WHOLE, "review")
    said, folded = html.split("<details>")
    assert "<b>good</b> (0.92 of 1)" in said
    assert "Of the ten nearest here, <b>2.2</b> are among the ten nearest in the layer" in said
    assert "<b>91&nbsp;%</b> of reviews" in said
    for exact in (
        "0.916",
        "0.224",
        "0.911",
        "0.880",
        "Isomap, distances measured from 500 landmarks",
        "5,000 of 25,000",
    ):
        assert exact in folded
    assert "predicted label" not in folded, "it is not stored"
    assert "left over" not in folded


def test_what_is_not_known_is_not_told() -> None:
    assert plots.told(Quality(listed=10, mapped=500), "review") == ""
    html = plots.told(Quality(listed=5, mapped=60, kept=0.5), "sequence")
    assert "Of the five nearest here, <b>2.5</b>" in html
    assert "straight cut" not in html
    assert "nan" not in html.lower()


@pytest.mark.parametrize(
    ("value", "word"),
    [(1.0, "very good"), (0.95, "very good"), (0.9, "good"), (0.85, "fair"), (0.7, "weak"), (0.5, "poor")],
)
def test_a_plain_word_for_each_trustworthiness(value: float, word: str) -> None:
    assert plots.grade(value) == word


def test_how_a_map_was_drawn_is_said_where_it_matters() -> None:
    assert "Drawn by" not in "".join(plots.sentences(WHOLE, "review"))
    for method, name in (("umap", "UMAP"), ("tsne", "t-SNE")):
        assert f"Drawn by {name}: who is near can be read" in "".join(
            plots.sentences(replace(WHOLE, method=method), "review")
        )
    assert ("drawn by", "PCA") in list(plots.exact(replace(WHOLE, method="pca", landmarks=None)))
    parts = "".join(plots.sentences(replace(WHOLE, components=3), "review"))
    assert "falls into three separate parts, joined here where they are nearest" in parts
    assert "parts" not in "".join(plots.sentences(replace(WHOLE, components=3, method="pca"), "review"))


@pytest.mark.parametrize(("listed", "few"), [(10, "fewer than two of its ten"), (5, "none of its five")])
def test_the_legend_states_the_rule(listed: int, few: str) -> None:
    assert few in plots.badly_legend(listed)


def similar() -> pd.DataFrame:
    rows = [
        ("embedding", "Word vectors", "embedding", "Word vectors", 1, 0, 0.9),
        ("embedding", "Word vectors", "embedding", "Word vectors", 2, 1, 0.95),
        ("embedding", "Word vectors", "lstm", "LSTM state", 1, 1, 0.1),
        ("lstm", "LSTM state", "lstm", "LSTM state", 1, 0, 0.4),
    ]
    return pd.DataFrame(rows, columns=["layer", "title", "other_layer", "other_title", "epoch", "other_epoch", "cka"])


def looks(chart: hv.Overlay) -> dict[str, tuple[str, str]]:
    """{name of a line: its colour and dash}."""
    drawn = [one for one in chart if isinstance(one, hv.Curve)]
    styles = [hv.Store.lookup_options("bokeh", one, "style").kwargs for one in drawn]
    return {
        one.data["name"].iloc[0]: (style["color"], style["line_dash"]) for one, style in zip(drawn, styles, strict=True)
    }


def test_layers_are_solid_with_themselves_and_dashed_with_the_next() -> None:
    chart = plots.cka_curves(similar(), TITLES, LIGHT)
    assert {name: line["value"].tolist() for name, line in lines(chart).items()} == {
        "Word vectors": [0.9, 0.95], "LSTM state": [0.4], "Word vectors / LSTM state": [0.1],
    }  # fmt: skip
    first, second = LIGHT.categories[:2]
    assert looks(chart) == {
        "Word vectors": (first, "solid"),
        "LSTM state": (second, "solid"),
        "Word vectors / LSTM state": (first, "dashed"),
    }  # fmt: skip


def test_a_layer_keeps_its_colour_where_another_lacks_its_numbers() -> None:
    rows = [("lstm", "LSTM state", epoch, "linear_probe", 0.8) for epoch in (0, 1)]
    rows += [("lstm", "LSTM state", 1, "linear_probe_predicted", 0.9), ("lstm", "LSTM state", 1, "neighbor_probe", 0.7)]
    frame = pd.DataFrame(rows, columns=["layer", "title", "epoch", "probe", "value"])
    chart = plots.probe_curves(frame, "linear_probe", TITLES, "right", LIGHT)
    second = LIGHT.categories[1]
    assert looks(chart) == {"LSTM state": (second, "solid"), "LSTM state, predicted": (second, "dashed")}
    assert lines(chart)["LSTM state"]["value"].tolist() == pytest.approx([80, 80])
