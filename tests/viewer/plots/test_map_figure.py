"""One chart: what lies on what, what is drawn together, and how little it is made of."""

from typing import Any

import pytest
from bokeh.models import (
    Arc,
    BoxSelectTool,
    ColumnDataSource,
    IndexFilter,
    LassoSelectTool,
    PanTool,
    Scatter,
    WheelZoomTool,
)

from viewer.plots.colors import colors
from viewer.plots.map_figure import MapFigures, Sources, ring_looks, sentence_looks

LOOK = colors("paper", "light")
SIZE = 6


def drawing(with_tools: bool = False, many: bool = False) -> MapFigures:
    names = ("points", "lines", "rings", "sentence")
    return MapFigures(Sources(*(ColumnDataSource(name=name) for name in names)), LOOK, SIZE, many, with_tools)


def drawn_from(made: Any, name: str) -> list[Any]:
    return [one for one in made.renderers if one.data_source.name == name]


def test_from_the_bottom_to_the_top() -> None:
    made = drawing().figure("l0", "all", "One")
    assert [one.data_source.name for one in made.renderers] == ["lines", "points", "rings", "sentence", "sentence"]
    assert [one.level for one in made.renderers] == ["overlay", "glyph", "overlay", "glyph", "glyph"]


def test_what_is_not_selected_is_grey() -> None:
    (points,) = drawn_from(drawing().figure("l0", "all", "One"), "points")
    assert (points.glyph.x, points.glyph.y, points.glyph.fill_color) == ("x_l0", "y_l0", "c_all")
    grey = points.nonselection_glyph
    assert (grey.x, grey.y, grey.size) == (points.glyph.x, points.glyph.y, points.glyph.size)
    assert (grey.fill_color, grey.line_color) == (LOOK.unselected, LOOK.unselected)


def test_rings_of_each_kind_are_of_another_size_and_only_those_that_look_near_are_dashed() -> None:
    looks = ring_looks(SIZE, LOOK)
    assert list(looks) == ["lookalike", "ring", "here", "mark"]
    assert len({look["radius"] for look in looks.values()}) == 4
    assert [kind for kind, look in looks.items() if look["dash"] != "solid"] == ["lookalike"]
    assert all(look["radius"] > SIZE / 2 for look in looks.values()), "a ring leaves its point in sight"
    (rings,) = drawn_from(drawing().figure("l0", "all", "One"), "rings")
    assert isinstance(rings.glyph, Arc)
    columns = {rings.glyph.radius, rings.glyph.line_width.field, rings.glyph.line_dash.field}
    assert rings.glyph.radius_units == "screen"
    assert columns | {rings.glyph.line_color.field} == set(looks["ring"])


def test_the_sentence_lies_on_a_halo() -> None:
    halo, diamond, head = sentence_looks(SIZE, LOOK).values()
    assert halo["size"] > diamond["size"] > SIZE
    assert (halo["fill"], halo["line"]) == (LOOK.surface, LOOK.surface)
    assert (diamond["fill"], diamond["line"]) == (head["fill"], head["line"]) == (LOOK.user, LOOK.user)
    _, parts = drawn_from(drawing().figure("l0", "all", "One"), "sentence")
    assert isinstance(parts.glyph, Scatter)
    assert {"marker", "size", "width", "fill", "line"} == set(halo)


@pytest.mark.parametrize("with_tools", [True, False])
def test_dragging_does_what_the_buttons_can_choose(with_tools: bool) -> None:
    made = drawing(with_tools).figure("l0", "all", "One")
    chosen = {LassoSelectTool, WheelZoomTool} | ({BoxSelectTool, PanTool} if with_tools else set())
    assert {type(tool) for tool in made.tools} == chosen
    assert isinstance(made.toolbar.active_drag, LassoSelectTool)
    for tool in made.tools:
        if isinstance(tool, LassoSelectTool | BoxSelectTool):
            assert [one.data_source.name for one in tool.renderers] == ["points"]
            assert not tool.continuous


def test_crosses_and_trails_take_their_places_whenever_they_are_added() -> None:
    drawn = drawing()
    made = drawn.figure("l0", "all", "One")
    drawn.trails(made, "l0", ColumnDataSource(name="trails"))
    drawn.crosses(made, "l0", IndexFilter(indices=[1]))
    assert [one.data_source.name for one in made.renderers] == [
        "trails", "lines", "points", "points", "rings", "sentence", "sentence",
    ]  # fmt: skip
    assert made.renderers[3].glyph.marker == "x"


def test_one_more_chart_of_a_set_is_few_models() -> None:
    """Each is made, sent and drawn: what a page costs goes by their number."""
    drawn = drawing()
    first, second = (drawn.figure(key, "all", key) for key in ("l0", "l1"))
    assert len(second.references() - first.references()) <= 36
