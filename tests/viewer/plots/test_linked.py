"""Linked charts: one source, one set of columns, and what is told back to the server."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import LassoSelectTool, Scatter

from viewer.data.maps import AT_ONCE
from viewer.data.near import Near
from viewer.plots.colors import colors
from viewer.plots.linked import LinkedMaps
from viewer.plots.maps import Chart, Sentence

REVIEWS = pd.DataFrame({"example": [7, 3, 9], "id": list("abc"), "label": ["neg", "pos", "neg"],
                        "original_length": [5, 6, 7], "snippet": ["<b>x</b>", "y", "z"]})  # fmt: skip
BADLY = ([True, False, True], [False, True, False])


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
        drawn = [r for r in chart.renderers if r.data_source is made.points and r.glyph.marker == "circle"]
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
    for unlike in (True, False):
        made.update(charts(sentence=Sentence(0.5, 0.25, unlike=unlike)))
        data = made.sentence.data
        (diamond,) = np.flatnonzero(data["kind"] == "diamond")
        assert (data["x_l1"][diamond], data["y_l1"][diamond]) == (0.5, 0.25)
        assert data["f_l1"][diamond] == (0.0 if unlike else 1.0)
        assert data["f_l1"][data["kind"] == "halo"] == 1.0


def test_the_arrow_has_its_head_where_its_shaft_ends_and_none_to_a_sentence_in_sight() -> None:
    made, outside = linked(), Sentence(5.0, 0.0, unlike=False)
    made.update(charts(sentence=outside))
    data = made.sentence.data
    (head,) = np.flatnonzero(data["kind"] == "head")
    shaft = [data[f"arrow_{end}_l0"][head] for end in ("x0", "y0", "x1", "y1")]
    np.testing.assert_allclose([*shaft, data["turn_l0"][head]], outside.arrow, rtol=1e-6)
    assert (data["x_l0"][head], data["y_l0"][head]) == (shaft[2], shaft[3])
    assert np.isnan(data["arrow_x0_l0"][data["kind"] != "head"]).all()
    made.update(charts(sentence=Sentence(0.5, 0.25, unlike=False)))
    assert np.isnan(made.sentence.data["x_l0"][head])


def test_an_update_says_where_the_points_were_so_that_they_can_glide() -> None:
    made = linked()
    made.update(charts(shift=3.0))
    data = made.points.data
    assert list(data["x_l0"]) == [3, 4, 5]
    assert list(data["x0_l0"]) == [0, 1, 2]
    # What a point's colour says and what is told of it wait for its arrival alike.
    assert {name for name in data if name[1:3] == "0_"} == {
        "x0_l0", "y0_l0", "x0_l1", "y0_l1", "c0_all", "f0_all", "s0_all", "p0_all",
    }  # fmt: skip
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


def test_what_belongs_to_a_pinned_review_is_drawn_anew_by_a_browser_that_is_told_so() -> None:
    """By the script that draws when one points and clicks: it hears each telling, and none where nothing is pinned."""
    made = linked()
    made.redraw()
    assert made.pinned.tags == []
    made.pin(2)
    made.redraw()
    first = list(made.pinned.tags)
    made.redraw()
    assert first != made.pinned.tags
    (script,) = made.pinned.js_property_callbacks["change:tags"]
    assert script in made.pinned.js_property_callbacks["change:data"]


def test_details_are_a_live_region() -> None:
    assert linked().details.html_attributes == {"role": "status", "aria-live": "polite"}


def test_what_a_corpus_holds_travels_as_text() -> None:
    assert linked().points.data["snippet"][0] == "<b>x</b>"  # the script puts it in with textContent
    assert "innerHTML" not in "".join(str(callback.code) for callback in callbacks(linked()))


def test_another_sentence_sends_no_point_again() -> None:
    made = linked()
    before = made.points.data
    made.update(charts(sentence=Sentence(0.5, 0.25, unlike=True)))
    assert made.points.data is before
    assert list(made.sentence.data["kind"]) == ["halo", "diamond", "head"]
    made.update(charts(shift=0.5))
    assert made.points.data is not before


def crosses(chart: Any) -> list[Any]:
    return [one for one in chart.renderers if getattr(one.glyph, "marker", "") == "x"]


def test_crosses_lie_on_the_badly_placed_of_each_chart_and_are_no_part_of_it_before() -> None:
    made = linked()
    assert [each.indices for each in made.badly.values()] == [[], []]
    assert not any(crosses(chart) for chart in made.figures.values())
    marked = [replace(chart, badly=np.array(badly)) for chart, badly in zip(charts(), BADLY, strict=True)]
    made.update(marked)
    assert [each.indices for each in made.badly.values()] == [[0, 2], [1]]
    for key, chart in made.figures.items():
        (drawn,) = crosses(chart)
        assert (drawn.data_source, drawn.view.filter) == (made.points, made.badly[key])
        assert [one.data_source.name for one in chart.renderers] == ["lines", "reviews", "reviews", "rings"] + [
            "sentence"
        ] * 2
    made.update(charts())
    assert [each.indices for each in made.badly.values()] == [[], []]
    made.update(marked)
    assert all(len(crosses(chart)) == 1 for chart in made.figures.values())


def test_charts_that_come_with_badly_placed_points_have_their_crosses() -> None:
    marked = [replace(chart, badly=np.array(badly)) for chart, badly in zip(charts(), BADLY, strict=True)]
    made = LinkedMaps(marked, REVIEWS, ["neg", "pos"], {"l0": "One", "l1": "Two"}, colors("paper", "light"))
    assert [each.indices for each in made.badly.values()] == [[0, 2], [1]]
    assert all(len(crosses(chart)) == 1 for chart in made.figures.values())


def test_trails_lie_below_the_points_and_are_no_part_of_a_chart_before_there_are_some() -> None:
    made = linked()
    none: dict[str, list[Any]] = {f"{axis}s_{key}": [] for key in ("l0", "l1") for axis in "xy"}
    made.draw_trails(none)
    assert made.trails is None
    made.draw_trails({name: [np.array([0.0, 1])] for name in none})
    assert made.trails is not None
    for key, chart in made.figures.items():
        lowest = chart.renderers[0]
        assert (lowest.data_source, lowest.glyph.xs, lowest.glyph.ys) == (made.trails, f"xs_{key}", f"ys_{key}")
    made.draw_trails(none)
    assert made.trails.data["xs_l0"] == []
    assert len(made.figures["l0"].renderers) == 6


def test_a_pinned_review_is_ringed_in_charts_that_come_with_it() -> None:
    made = linked()
    made.pin(1)
    rings = made.figures["l1"].select_one({"name": "rings"}).data
    assert (rings["kind"], rings["x_l1"], rings["y_l0"]) == (["mark"], [1.0], [1.0])
    assert (rings["dash"], rings["color"]) == (["solid"], [colors("paper", "light").text])
    made.pin(None)
    assert made.figures["l1"].select_one({"name": "rings"}).data["kind"] == []


def crowd(near: Callable[[int], Near] | None, shift: float = 0.0) -> Chart:
    """A chart of more reviews than all of which are sent."""
    n = AT_ONCE + 1
    return Chart("l0", np.zeros((n, 2)) + shift, ("#102030",) * n, np.zeros(n, bool), np.zeros(n, int), np.ones(n),
                 np.empty((n, 0), int), np.empty((n, 0)), near=near)  # fmt: skip


def many(near: Callable[[int], Near] | None) -> LinkedMaps:
    n = AT_ONCE + 1
    reviews = pd.DataFrame({"example": range(n), "id": [f"id {row}" for row in range(n)], "label": ["neg"] * n,
                            "original_length": range(n), "snippet": [f"text {row}" for row in range(n)]})  # fmt: skip
    return LinkedMaps([crowd(near)], reviews, ["neg", "pos"], {"l0": "One"}, colors("paper", "light"))


def answered(made: LinkedMaps, row: int, key: str) -> dict[str, Any]:
    """What a browser is told when it asks for a review."""
    assert made.asked is not None
    assert made.told is not None
    made.asked.data = {"row": [row], "key": [key], "round": [0]}
    found: dict[str, Any] = made.told.data
    return found


def test_of_many_reviews_neighbours_and_texts_are_told_when_asked_for() -> None:
    made = many(lambda row: Near(np.array([row + 2, row + 1]), np.array([0.5, 0.75])))
    columns = made.points.data
    assert not {"id", "snippet", "words"} & set(columns)
    assert {str(column.dtype) for column in columns.values()} <= {"int32", "uint32", "float32", "uint8"}
    assert columns["c_all"][0] == 0x102030FF
    assert sum(column.nbytes for column in columns.values()) <= 26 * (AT_ONCE + 1)
    assert made.figures["l0"].output_backend == "webgl"
    assert linked().figures["l0"].output_backend == "canvas"
    told = answered(made, 7, "l0")
    assert list(told["row"]) == [7, 9, 8]
    assert list(told["distance"]) == [0, 0.5, 0.75]
    assert told["id"] == ["id 7", "id 9", "id 8"]
    assert told["snippet"][2] == "text 8"
    assert (told["key"], told["round"]) == (["l0"] * 3, [0] * 3)


def test_whoever_has_no_neighbours_is_told_alone_and_nonsense_is_answered_with_nothing() -> None:
    made = many(None)
    assert list(answered(made, 7, "l0")["row"]) == [7]
    for row, key in ((10**6, "l0"), (-1, "l0"), (7, "l9")):
        assert list(answered(made, row, key)["row"]) == []


def test_of_few_reviews_nothing_is_asked() -> None:
    made = linked()
    assert made.asked is made.told is None


def test_a_new_round_of_maps_makes_answers_old() -> None:
    made = many(None)
    assert made.near.data == {"round": [0]}
    made.update([crowd(None, shift=1)])
    assert made.near.data == {"round": [1]}


def callbacks(made: LinkedMaps) -> list:
    listed = [each for chart in made.figures.values() for each in chart.js_event_callbacks.values()]
    return [callback for callbacks in listed for callback in callbacks]
