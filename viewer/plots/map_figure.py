"""One chart of linked maps as a Bokeh figure: what is drawn in it, from the bottom to the top.

A page has many such charts, and every model of them is made, sent and drawn. So what is alike is drawn together: rings
of all kinds by one glyph, the sentence with its halo and its arrow's head by another. What is seldom asked for is no
part of a figure until it is (LinkedMaps).
"""

from dataclasses import dataclass
from math import tau
from typing import Any

from bokeh.core.properties import field
from bokeh.models import (
    AllIndices,
    Arc,
    BoxSelectTool,
    CDSView,
    ColumnDataSource,
    Glyph,
    GlyphRenderer,
    IndexFilter,
    LassoSelectTool,
    MultiLine,
    PanTool,
    Range1d,
    Scatter,
    Segment,
    WheelZoomTool,
)
from bokeh.plotting import figure

from viewer.plots.colors import Colors
from viewer.plots.maps import FRAME

SELECTING = (LassoSelectTool, BoxSelectTool)
SOLID, PALE = 0.9, 0.18
CROWDED = 0.55  # of the size and the outline of a point, and of its opacity, where there are many
ALIKE = {"selection_glyph": None, "nonselection_glyph": None, "muted_glyph": None}  # a figure would make one of each
ENDS = ("x0", "y0", "x1", "y1")

Looks = dict[str, dict[str, Any]]


def ring_looks(size: float, colors: Colors) -> Looks:
    """{kind: its radius in pixels, width, dash pattern and colour}, in the order in which they are drawn: around the
    nearest on the map that are no neighbours, the neighbours, the review itself, the pinned one.

    Each of another size: reviews that lie on one another are all ringed. Those that only look near lie nearest.
    """
    return {
        kind: {"radius": (size + more) / 2, "width": width, "dash": dash, "color": color}
        for kind, more, width, dash, color in (
            ("lookalike", 11, 1.3, "3 3", colors.muted),
            ("ring", 5, 1.4, "solid", colors.text),
            ("here", 8, 2.2, "solid", colors.text),
            ("mark", 14, 2.2, "solid", colors.text),
        )
    }


def sentence_looks(size: float, colors: Colors) -> Looks:
    """{kind: marker, size and line width in pixels, colours} of the parts of the user's sentence, in the order in which
    they are drawn: a halo, the diamond on it, the head of the arrow to one that lies outside of the frame."""
    return {
        kind: {"marker": marker, "size": pixels, "width": width, "fill": color, "line": color}
        for kind, marker, pixels, width, color in (
            ("halo", "diamond", size * 2 + 9, 3, colors.surface),
            ("diamond", "diamond", size * 2 + 5, 2, colors.user),
            ("head", "triangle", size + 3, 1, colors.user),
        )
    }


@dataclass(frozen=True)
class Sources:
    """What all charts of a set draw from."""

    points: ColumnDataSource
    lines: ColumnDataSource
    rings: ColumnDataSource
    sentence: ColumnDataSource


class MapFigures:
    """Draws the charts of one set.

    size: of a point in pixels; many: points are drawn by WebGL, where there is any; with_tools: dragging may
    also draw a box and move the map, as buttons say.
    """

    def __init__(self, sources: Sources, colors: Colors, size: float, many: bool, with_tools: bool) -> None:
        self.sources, self.colors, self.size, self.many, self.with_tools = sources, colors, size, many, with_tools
        self._all = AllIndices()

    def figure(self, key: str, group: str, title: str) -> Any:
        """The chart of one key, whose points look as those of `group` do."""
        made = self._empty(title)
        made.tags = [key]  # by which the scripts know it
        sources, colors = self.sources, self.colors
        ends = {end: f"{end}_{key}" for end in ENDS}
        self._draw(made, sources.lines, Segment(**ends, line_color=colors.text, line_alpha=0.5), level="overlay")
        reviews = self._reviews(made, key, group)
        self._rings(made, key)
        self._sentence(made, key)
        for tool in made.tools:
            if isinstance(tool, SELECTING):
                tool.renderers = [reviews]
        return made

    def crosses(self, made: Any, key: str, badly: IndexFilter) -> None:
        """Add a cross on each point that the map places badly, just above the points."""
        share, colors = self._share, self.colors
        place = {"x": f"x_{key}", "y": f"y_{key}", "marker": "x"}
        size, width = self.size * min(share, 0.85), {"line_width": share}
        crosses = GlyphRenderer(
            data_source=self.sources.points,
            view=CDSView(filter=badly),
            glyph=Scatter(**place, size=size, **width, line_color=colors.text, line_alpha=0.8 * share),
            nonselection_glyph=Scatter(**place, size=size, **width, line_color=colors.muted, line_alpha=0.35 * share),
            selection_glyph=None,
            muted_glyph=None,
        )
        above = next(n for n, one in enumerate(made.renderers, 1) if one.data_source is self.sources.points)
        made.renderers.insert(above, crosses)

    def trails(self, made: Any, key: str, source: ColumnDataSource) -> None:
        """Add the paths of points through training, below the points."""
        paths = MultiLine(xs=f"xs_{key}", ys=f"ys_{key}", line_color=self.colors.selected, line_alpha=0.5, line_width=1)
        made.renderers.insert(0, GlyphRenderer(data_source=source, glyph=paths, **ALIKE))

    @property
    def _share(self) -> float:
        return CROWDED if self.many else 1.0

    def _empty(self, title: str) -> Any:
        """A square without axes, from -FRAME to FRAME, in which dragging selects; Ctrl and the wheel zoom."""
        zoom = WheelZoomTool(modifiers="ctrl")  # the wheel alone scrolls the page; a trackpad's pinch comes with ctrl
        lasso = LassoSelectTool(continuous=False)
        others = [BoxSelectTool(continuous=False), PanTool()] if self.with_tools else []
        surface = self.colors.surface
        return figure(
            width=300, height=300, sizing_mode="scale_width", min_width=96, toolbar_location=None,
            tools=[lasso, *others, zoom], active_drag=lasso, x_axis_type=None, y_axis_type=None,
            x_range=Range1d(-FRAME, FRAME), y_range=Range1d(-FRAME, FRAME), background_fill_color=surface,
            border_fill_color=surface, outline_line_color=self.colors.line, min_border=1, name=f"map {title}",
            output_backend="webgl" if self.many else "canvas",
        )  # fmt: skip

    def _reviews(self, made: Any, key: str, group: str) -> GlyphRenderer:
        """The points; what is not selected is grey."""
        share, colors = self._share, self.colors
        place = {"x": f"x_{key}", "y": f"y_{key}", "size": self.size * share, "line_width": 1.2 * share}
        color = f"c_{group}"
        found: GlyphRenderer = made.add_glyph(
            self.sources.points,
            Scatter(**place, fill_color=color, line_color=color, fill_alpha=f"f_{group}", line_alpha=SOLID * share),
            nonselection_glyph=Scatter(
                **place, fill_color=colors.unselected, line_color=colors.unselected, fill_alpha=PALE * share,
                line_alpha=0.45 * share,
            ),
            selection_glyph=None, muted_glyph=None, view=CDSView(filter=self._all),
        )  # fmt: skip
        return found

    def _rings(self, made: Any, key: str) -> None:
        """Rings around points, each as its row says; above all points, so that hovering paints none anew."""
        # Arcs: WebGL draws no dashed outline of a marker, and nothing at all above the points.
        rings = Arc(
            x=f"x_{key}", y=f"y_{key}", radius="radius", radius_units="screen", start_angle=0, end_angle=tau,
            line_width=field("width"), line_dash=field("dash"), line_color=field("color"),
        )  # fmt: skip
        self._draw(made, self.sources.rings, rings, level="overlay")

    def _sentence(self, made: Any, key: str) -> None:
        """The user's sentence, a diamond with a halo; an arrow to it where it lies outside of the frame."""
        # Not Bokeh's own arrow: that one draws what has no place in the corner.
        shaft = Segment(**{end: f"arrow_{end}_{key}" for end in ENDS}, line_color=self.colors.user, line_width=2)
        parts = Scatter(
            x=f"x_{key}", y=f"y_{key}", marker=field("marker"), size=field("size"), angle=f"turn_{key}",
            fill_color=field("fill"), fill_alpha=f"f_{key}", line_color=field("line"), line_width=field("width"),
        )  # fmt: skip
        for glyph in (shaft, parts):
            self._draw(made, self.sources.sentence, glyph)

    def _draw(self, made: Any, source: ColumnDataSource, glyph: Glyph, level: str = "glyph") -> None:
        """Draw what looks the same selected or not."""
        made.add_glyph(source, glyph, level=level, view=CDSView(filter=self._all), **ALIKE)
