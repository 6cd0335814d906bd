"""Words and curves of quality, from numbers put in by hand."""

from dataclasses import replace

import holoviews as hv
import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness

from tests.viewer.plots.test_training import lines
from viewer.data.quality import Quality
from viewer.plots import quality as plots
from viewer.plots.colors import colors

hv.extension("bokeh")
LIGHT = colors("paper", "light")
TITLES = ["Word vectors", "LSTM state"]
ARROW = "\N{RIGHTWARDS ARROW}"
WHOLE = Quality(
    listed=10, mapped=25_000, method="isomap", landmarks=500, judged=5_000, kept=0.224, badly=0.384,
    trustworthiness=0.9163, continuity=0.93, residual_variance=0.2, neighborhood_hit=0.78, components=1,
    alignment_residual=None, linear_probe=0.911, neighbor_probe=0.88,
)  # fmt: skip


def test_a_map_is_told_in_sentences_and_its_exact_numbers_are_folded_away() -> None:
    html = plots.told(WHOLE, "review")
    said, folded = html.split("<details>")
    assert "Who shares a region: <b>good</b> (0.92 of 1; 0.5 = by lot)." in said
    assert "of the ten nearest here, <b>2.2</b> are among the ten nearest in the layer, the others among its" in said
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


def kept_and_others(vectors: np.ndarray, places: np.ndarray, k: int) -> tuple[float, float]:
    """Mean share of the k nearest on a map that are the k nearest in a layer, and the mean rank of those that are not,
    as a share of all others: point by point."""
    kept, ranks = [], []
    for row, (near, far) in enumerate(zip(cdist(places, places), cdist(vectors, vectors), strict=True)):
        order = [other for other in np.argsort(far) if other != row]
        found = [order.index(other) + 1 for other in np.argsort(near) if other != row][:k]
        kept.append(sum(rank <= k for rank in found) / k)
        ranks += [rank for rank in found if rank > k]
    return float(np.mean(kept)), float(np.mean(ranks) / (len(vectors) - 1))


@pytest.mark.parametrize("noise", [0.01, 0.3, 30.0])
def test_the_others_stand_where_the_ranks_of_the_layer_put_them(noise: float) -> None:
    """From a map that is nearly the layer to one drawn by lot."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(60, 3))
    places = vectors[:, :2] + noise * random.normal(size=(60, 2))
    kept, expected = kept_and_others(vectors, places, 5)
    trust = trustworthiness(vectors, places, n_neighbors=5)
    quality = Quality(listed=5, mapped=60, judged=60, kept=kept, trustworthiness=trust)
    assert plots.others(quality) == pytest.approx(expected, abs=1e-9)
    assert f"the others among its nearest <b>{100 * expected:.0f}&nbsp;%</b>" in plots.told(quality, "review")
    if noise > 1:
        assert (trust, expected) == (pytest.approx(0.5, abs=0.05), pytest.approx(0.5, abs=0.06))


def test_where_none_is_left_nothing_is_said_of_the_others() -> None:
    assert plots.others(Quality(listed=5, mapped=60, kept=1.0, trustworthiness=1.0)) is None
    assert plots.others(Quality(listed=5, mapped=60, kept=0.5)) is None
    assert "the others" not in plots.told(Quality(listed=5, mapped=60, kept=1.0, trustworthiness=1.0), "review")
    nearly = Quality(listed=5, mapped=25_000, kept=0.99, trustworthiness=0.9999)
    assert "its nearest <b>1&nbsp;%</b>" in plots.told(nearly, "review")


def test_what_is_not_known_is_not_told() -> None:
    assert plots.told(Quality(listed=10, mapped=500), "review") == ""
    html = plots.told(Quality(listed=5, mapped=60, kept=0.5), "sequence")
    assert "of the five nearest here, <b>2.5</b> are among the five nearest in the layer, on average" in html
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
        said = "".join(plots.sentences(replace(WHOLE, method=method), "review"))
        assert f"Drawn by {name}: who is near can be read" in said
        assert "What you enter is put between its nearest neighbours, as a stand-in" in said
    assert "stand-in" not in "".join(plots.sentences(replace(WHOLE, method="pca"), "review"))
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
        "Word vectors": [0.9, 0.95], "LSTM state": [0.4], f"{ARROW} LSTM state": [0.1],
    }  # fmt: skip
    first, second = LIGHT.categories[:2]
    assert looks(chart) == {
        "Word vectors": (first, "solid"),
        "LSTM state": (second, "solid"),
        f"{ARROW} LSTM state": (first, "dashed"),
    }  # fmt: skip


def test_a_layer_keeps_its_colour_where_another_lacks_its_numbers() -> None:
    rows = [("lstm", "LSTM state", epoch, "linear_probe", 0.8) for epoch in (0, 1)]
    rows += [("lstm", "LSTM state", 1, "linear_probe_predicted", 0.9), ("lstm", "LSTM state", 1, "neighbor_probe", 0.7)]
    frame = pd.DataFrame(rows, columns=["layer", "title", "epoch", "probe", "value"])
    chart = plots.probe_curves(frame, "linear_probe", TITLES, "right", LIGHT)
    second = LIGHT.categories[1]
    assert looks(chart) == {"LSTM state": (second, "solid"), "LSTM state *": (second, "dashed")}
    assert lines(chart)["LSTM state"]["value"].tolist() == pytest.approx([80, 80])
