"""Charts of training: what they hold, that labels do not overlap, that words are text."""

from html.parser import HTMLParser

import holoviews as hv
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.plots import training
from viewer.plots.colors import Colors, colors
from viewer.plots.lines import NAMES

hv.extension("bokeh")
LIGHT = colors("paper", "light")
MINUS = "\N{MINUS SIGN}"


def metrics() -> pd.DataFrame:
    rows = [
        (epoch, split, metric, value + epoch / 100)
        for split, value in (("train", 0.9), ("validation", 0.6), ("test", 0.5))
        for metric in ("loss", "accuracy")
        for epoch in (2, 0, 1)
    ]
    return pd.DataFrame(rows, columns=["epoch", "split", "metric", "value"])


def figure(chart: hv.Overlay) -> object:
    return hv.render(chart, backend="bokeh")


def lines(chart: hv.Overlay) -> dict[str, pd.DataFrame]:
    """{name of a line: its points}."""
    found = [element for element in chart if isinstance(element, hv.Curve)]
    return {element.data["name"].iloc[0]: element.data for element in found}


@pytest.mark.parametrize(("draw", "factor"), [(training.loss_curves, 1), (training.accuracy_curves, 100)])
def test_a_line_for_each_split_with_its_values_in_order(draw: object, factor: float) -> None:
    found = lines(draw(metrics(), LIGHT))  # type: ignore[operator]
    assert set(found) == {"training", "validation", "test"}
    assert found["test"]["epoch"].tolist() == [0, 1, 2]
    assert found["test"]["value"].tolist() == pytest.approx([factor * (0.5 + epoch / 100) for epoch in (0, 1, 2)])


def test_lines_differ_without_colour_and_are_named() -> None:
    chart = training.loss_curves(metrics(), LIGHT)
    made = [hv.Store.lookup_options("bokeh", one, "style").kwargs for one in chart if isinstance(one, hv.Curve)]
    assert len({style["line_dash"] for style in made}) == 3
    (names,) = figure(chart).select({"name": NAMES})  # type: ignore[attr-defined]
    assert set(names.major_label_overrides.values()) == {"training", "validation", "test"}
    assert set(names.major_label_overrides) == set(names.ticker.ticks)


def test_the_current_epoch_is_a_line_that_moves() -> None:
    now = training.epoch_line(1, LIGHT)
    made = figure(training.loss_curves(metrics(), LIGHT, now))
    assert now in made.center  # type: ignore[attr-defined]
    now.location = 2
    assert [span.location for span in made.center if span is now] == [2]  # type: ignore[attr-defined]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_grid_have_the_colours_of_the_theme(theme: str) -> None:
    look = colors("paper", theme)
    made = figure(training.loss_curves(metrics(), look))
    assert made.background_fill_color is None  # type: ignore[attr-defined]
    assert made.border_fill_color is None  # type: ignore[attr-defined]
    assert {axis.major_label_text_color for axis in made.axis if axis.name != NAMES} == {look.muted}  # type: ignore[attr-defined]
    assert made.ygrid[0].grid_line_color == look.line  # type: ignore[attr-defined]


def test_nothing_stored_is_said() -> None:
    chart = training.loss_curves(metrics().head(0), LIGHT)
    assert "Nothing is stored" in str(next(iter(chart)).data)
    figure(chart)


def test_one_epoch_and_one_value_are_drawn() -> None:
    figure(training.loss_curves(metrics().query("epoch == 0 and split == 'test'"), LIGHT))


def test_runs_are_lines_of_one_split() -> None:
    both = pd.concat([metrics().assign(run="one"), metrics().assign(run="two")])
    found = lines(training.run_curves(both, "accuracy", "test", "Test accuracy (% right)", LIGHT))
    assert set(found) == {"one", "two"}
    assert found["one"]["value"].tolist() == pytest.approx([50, 51, 52])
    look = {training.run_look(number, LIGHT) for number in range(20)}
    assert len(look) == 20


class Cells(HTMLParser):
    """The text and the attributes of the cells of a table, and every tag that is used."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append(("", dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cells:
            text, given = self.cells[-1]
            self.cells[-1] = text + data, given


def best() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": [0, 0, 4],
            "word": ["fine", "dull", "great"],
            "count": [20, 1200, 30],
            "impact": [0.01, -0.02, 0.25],
            "low": [0.005, -0.03, 0.2],
            "high": [0.015, -0.01, 0.3],
            "rank": [1, -1, 1],
        }
    )


def test_the_table_has_a_column_an_epoch_and_tints_on_one_scale() -> None:
    cells = Cells(training.moving_words_by_epoch(best(), LIGHT)).cells
    assert [text for text, _ in cells if text.startswith("Epoch")] == ["Epoch 0", "Epoch 4"]
    of = {text.split()[0]: given for text, given in cells if text}
    assert [text for text, given in cells if "title" in given] == ["fine +1.0", "great +25.0", f"dull {MINUS}2.0"]
    assert f"background: {LIGHT.tint(1, 1)};" in str(of["great"]["style"])
    assert f"background: {LIGHT.tint(0.08, -1)};" in str(of["dull"]["style"])
    assert of["dull"]["title"] == (
        f"dull: {MINUS}2.0 percentage points on average, 95 % interval {MINUS}3.0 to {MINUS}1.0, in 1,200 places"
    )


@given(st.text(min_size=1, max_size=40))
def test_words_are_text(word: str) -> None:
    found = Cells(training.moving_words_by_epoch(best().assign(word=word), LIGHT))
    assert found.tags <= {"table", "thead", "tbody", "tr", "th", "td", "div", "bdi", "span"}
    titles = [str(given["title"]) for _, given in found.cells if "title" in given]
    assert [title.startswith(f"{word}: ") for title in titles] == [True] * 3


def test_no_words_at_all() -> None:
    assert "No word stands in enough places" in training.moving_words_by_epoch(best().head(0), LIGHT)


def test_words_over_epochs_are_coloured_by_what_they_did_at_the_epoch_they_were_picked_for() -> None:
    frame = pd.DataFrame(
        {"word": ["a", "a", "b", "b"], "epoch": [0, 1, 0, 1], "impact": [-0.1, 0.2, 0.1, -0.2], "rank": [1, 1, -1, -1]}
    )
    chart = training.words_over_epochs(frame, LIGHT)
    look: Colors = LIGHT
    of = {
        one.data["name"].iloc[0]: hv.Store.lookup_options("bokeh", one, "style").kwargs["color"]
        for one in chart
        if isinstance(one, hv.Curve)
    }
    assert of == {"a": look.raises, "b": look.lowers}
    assert lines(chart)["a"]["value"].tolist() == pytest.approx([-10, 20])


def test_the_table_of_alignment_marks_what_cannot_be_followed() -> None:
    pairs = pd.DataFrame(
        {
            "title": ["LSTM state", "LSTM state", "Hidden layer"],
            "epoch": [0, 1, 0],
            "following": [1, 2, 1],
            "residual": [0.93, 0.04, 0.59],
            "own": [0.7, 0.01, np.nan],
            "verdict": ["layer changed", "good", "drawing changed"],
        }
    )
    cells = Cells(training.alignment_table(pairs)).cells
    texts = [text for text, _ in cells]
    assert texts[:5] == ["Epochs", "0 \N{RIGHTWARDS ARROW} 1", "1 \N{RIGHTWARDS ARROW} 2", "LSTM state", "93 % ⚠ layer"]
    assert texts[5:] == ["4 %", "Hidden layer", "59 % ⚠ drawing", ""]
    assert "70 %" in str(cells[4][1]["title"])
    assert "not stored" in str(cells[7][1]["title"])
    assert "no maps of two epochs" in training.alignment_table(pairs.head(0))
