"""Linked charts: one source, one set of columns, and what is told back to the server."""

import numpy as np
import pandas as pd
from bokeh.models import LassoSelectTool, Scatter

from viewer.plots.colors import colors
from viewer.plots.linked import LinkedMaps
from viewer.plots.maps import Chart, Sentence

REVIEWS = pd.DataFrame({"example": [7, 3, 9], "id": list("abc"), "label": ["neg", "pos", "neg"],
                        "original_length": [5, 6, 7], "snippet": ["<b>x</b>", "y", "z"]})  # fmt: skip


def charts(shift: float = 0.0, sentence: Sentence | None = None) -> list[Chart]:
    near = np.array([[1, 2], [0, 2], [0, 1]])
    return [
        Chart(key, np.array([[0.0, 0], [1, 1], [2, 2]]) + shift, ("#111111", "#222222", "#333333"),
              np.array([False, True, False]), np.array([0, 0, 1]), np.array([0.1, 0.2, 0.9]), near, near / 10, sentence)
        for key in ("l0", "l1")
    ]  # fmt: skip


def linked() -> LinkedMaps:
    return LinkedMaps(charts(), REVIEWS, ["neg", "pos"], {"l0": "One", "l1": "Two"}, colors("paper", "light"))


def test_all_charts_draw_their_reviews_from_one_source() -> None:
    made = linked()
    for key, chart in made.figures.items():
        drawn = [r for r in chart.renderers if r.data_source is made.points]
        assert len(drawn) == 1
        assert isinstance(drawn[0].glyph, Scatter)
        assert (drawn[0].glyph.x, drawn[0].glyph.y) == (f"x_{key}", f"y_{key}")
        lasso = next(tool for tool in chart.tools if isinstance(tool, LassoSelectTool))
        assert lasso.renderers == drawn
        assert not lasso.continuous


def test_wrong_predictions_are_hollow_and_the_unlike_sentence_too() -> None:
    made = linked()
    assert list(made.points.data["f_all"] > 0) == [True, False, True]
    assert len(made.sentence.data["x_l0"]) == 0
    made.update(charts(sentence=Sentence(0.5, 0.25, unlike=True)))
    assert (made.sentence.data["x_l1"][0], made.sentence.data["f_l1"][0]) == (0.5, 0.0)
    made.update(charts(sentence=Sentence(0.5, 0.25, unlike=False)))
    assert made.sentence.data["f_l1"][0] == 1.0


def test_an_update_says_where_the_points_were_so_that_they_can_glide() -> None:
    made = linked()
    made.update(charts(shift=3.0))
    data = made.points.data
    assert list(data["x_l0"]) == [3, 4, 5]
    assert list(data["x0_l0"]) == [0, 1, 2]
    assert list(data["example"]) == [7, 3, 9]
    made.update(charts(shift=1.0), glide=False)
    assert "x0_l0" not in made.points.data
    assert {len(column) for column in made.points.data.values()} == {3}


def test_selection_goes_both_ways() -> None:
    made, told = linked(), []
    made.on_select(told.append)
    made.select([2, 0])
    assert made.points.selected.indices == [0, 2]
    made.points.selected.indices = [1]
    assert told[-1] == [1]


def test_a_pin_tells_its_example_and_holds_its_row_and_chart() -> None:
    made, told = linked(), []
    made.on_pin(told.append)
    made.pinned.data = {"row": [2], "key": ["l0"]}  # as a click in a browser does
    assert told == [9]
    made.pin(2)
    assert made.pinned.data["key"] == ["l0"], "the chart that was clicked"
    made.pin(1)
    assert made.pinned.data == {"row": [1], "key": ["l1"]}
    made.update(charts(shift=2.0))
    made.pin(None)
    assert made.pinned.data == {"row": [], "key": []}
    assert told == [9, 3, None]


def test_what_a_corpus_holds_travels_as_text() -> None:
    assert linked().points.data["snippet"][0] == "<b>x</b>"  # the script puts it in with textContent
    assert "innerHTML" not in "".join(str(callback.code) for callback in callbacks(linked()))


def callbacks(made: LinkedMaps) -> list:
    listed = [each for chart in made.figures.values() for each in chart.js_event_callbacks.values()]
    return [callback for callbacks in listed for callback in callbacks]
