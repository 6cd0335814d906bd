"""Charts of the same reviews that share one data source: what is selected in one is selected in all, in the browser.

Drawn with Bokeh itself, as one shared source, points that glide and rings on hover are beyond what HoloViews offers.
More than AT_ONCE reviews are drawn by WebGL, where a graphics card does that (canvas.js), and their neighbours and
texts are asked of the server when they are pointed at. What follows the pointer lies on a canvas of its own above the
points ("overlay"), so that hovering paints no point anew.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import tau
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bokeh.events import MouseEnter, MouseLeave, MouseMove, Tap
from bokeh.models import (
    Arc,
    BoxSelectTool,
    CDSView,
    ColumnDataSource,
    CustomJS,
    Div,
    Glyph,
    IndexFilter,
    LassoSelectTool,
    MultiLine,
    PanTool,
    Range1d,
    ResetTool,
    Scatter,
    Segment,
    WheelZoomTool,
)
from bokeh.plotting import figure

from viewer.data.maps import AT_ONCE
from viewer.data.near import NOBODY
from viewer.plots.colors import Colors
from viewer.plots.columns import (
    badly_rows,
    fixed_columns,
    neighbor_columns,
    no_trails,
    point_columns,
    sentence_columns,
    text_columns,
)
from viewer.plots.maps import FRAME, Chart

SCRIPTS = Path(__file__).parent / "scripts"
SELECTING = (LassoSelectTool, BoxSelectTool)
GLIDE = 500  # milliseconds
GLIDING = re.compile("[xycfsp]_")  # columns that travel with what they were: glide.js moves places, holds the rest back
REACH = 14  # pixels around the pointer in which the nearest point is hovered
SOLID, PALE = 0.9, 0.18
CROWDED = 0.55  # of the size and the outline of a point, and of its opacity, where there are many
AT_REST = "<p class='muted'>Point at one to read it here; click it to keep it.</p>"


class LinkedMaps:
    """One figure a chart, in `figures` by key; all over one source.

    `details` is a Bokeh Div that shows the hovered review and its neighbours, else the pinned one. `update` moves the
    points of all charts (gliding), `select` selects rows, `pin` keeps a review. `on_select(rows)` is called when the
    user has selected others, `on_pin(example)` when a review was clicked, with None when no longer. Each callback runs
    on the server; hover, pins and selection repaint without it.
    """

    def __init__(
        self,
        charts: Sequence[Chart],
        reviews: pd.DataFrame,
        classes: Sequence[str],
        titles: dict[str, str],
        colors: Colors,
        size: float = 6,
        note: str = "",
        element: str = "word",
    ) -> None:
        """reviews: a row a review with example, id, label, original_length, snippet; titles: {key: plain title};
        note: a line that `details` always ends with; element: what a review's elements are called."""
        self.colors, self.classes, self.size, self.note = colors, list(classes), size, note
        self.keys = [chart.key for chart in charts]
        self.many = len(reviews) > AT_ONCE
        self._reviews, self._round = reviews, 0
        self._groups = {chart.key: chart.group for chart in charts}
        self._fixed = fixed_columns(reviews, self.classes, texts=not self.many)
        self._make_sources(charts)
        rest = AT_REST + (f"<p class='muted'>{escape(note)}</p>" if note else "")
        self.details = Div(
            text=rest, disable_math=True, css_classes=["details"], sizing_mode="stretch_width",
            html_attributes={"role": "status", "aria-live": "polite"},  # a review found by its id is read aloud
        )  # fmt: skip
        glide = CustomJS(args={"duration": GLIDE}, code=script("glide"))
        for source in (self.points, self.sentence):
            source.js_on_change("data", glide)
        self.points.selected.js_on_change("indices", CustomJS(args={"points": self.points}, code=script("together")))
        self._hover = self._hover_script(titles, element)
        for source in (self.pinned, self.told):
            source.js_on_change("data", self._hover)
        self.points.js_on_change("change", self._hover)  # what is drawn around points glides with them
        self.figures = {chart.key: self._figure(chart.key, titles[chart.key]) for chart in charts}

    def _make_sources(self, charts: Sequence[Chart]) -> None:
        """What the charts draw from: the store's places, and what the browser puts in while one points and clicks."""
        self.points = ColumnDataSource(self._fixed | point_columns(charts), name="reviews")
        self.near = ColumnDataSource(self._neighbors(charts))
        self.asked = ColumnDataSource({"row": [], "key": [], "round": []}, name="asked")
        self.told = ColumnDataSource(self._answer({"row": [], "key": [], "round": []}), name="told")
        self.asked.on_change("data", lambda _name, _old, new: self.told.update(data=self._answer(new)))
        self.sentence = ColumnDataSource(sentence_columns(charts), name="sentence")
        self.trails = ColumnDataSource(no_trails(self.keys), name="trails")
        self.badly = {key: IndexFilter(indices=rows) for key, rows in badly_rows(charts).items()}
        self.pinned = ColumnDataSource({"row": [], "key": []}, name="pinned")  # key: the chart that was clicked
        self._ring, self._lookalike, self._here, self._mark = (
            ColumnDataSource({f"{axis}_{key}": [] for key in self.keys for axis in "xy"}, name=name)
            for name in ("ring", "lookalike", "here", "mark")
        )
        ends = [f"{axis}{end}_{key}" for key in self.keys for axis in "xy" for end in "01"]
        self._lines = ColumnDataSource({name: [] for name in ends}, name="lines")

    def update(self, charts: Sequence[Chart], glide: bool = True) -> None:
        """Show these charts, which have the keys of the first ones; points glide there from where they are.

        What is as before is not sent again: another sentence moves no point.
        """
        self._round += 1
        self.near.data = self._neighbors(charts)  # before the points: what is drawn around them is drawn with them
        for source, columns in ((self.points, point_columns(charts)), (self.sentence, sentence_columns(charts))):
            before = source.data
            if same(before, columns):
                continue
            kept = self._fixed if source is self.points else {}
            old: dict[str, Any] = {}
            if glide and all(len(before[name]) == len(column) for name, column in columns.items()):
                old = {f"{name[0]}0{name[1:]}": before[name] for name in columns if GLIDING.match(name)}
            source.data = kept | columns | old
        for key, rows in badly_rows(charts).items():
            if self.badly[key].indices != rows:
                self.badly[key].indices = rows

    def _neighbors(self, charts: Sequence[Chart]) -> dict[str, Any]:
        """Everybody's neighbours; of many reviews only the round that their answers belong to."""
        self._near = {chart.key: chart.near for chart in charts}
        return {"round": [self._round]} if self.many else neighbor_columns(charts)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What a browser asked for: a review, then its neighbours in one chart's layer; without a question nothing."""
        rows, distances, key = np.empty(0, np.int64), np.empty(0), ""
        if len(asked["row"]) and asked["key"][0] in self._near and 0 <= asked["row"][0] < len(self._reviews):
            row, key = int(asked["row"][0]), asked["key"][0]
            ask = self._near[key]
            found = NOBODY if ask is None else ask(row)
            rows, distances = np.array([row, *found.rows]), np.array([0.0, *found.distances])
        answer = {"row": rows.astype(np.int32), "distance": distances.astype(np.float32)}
        of = {"key": [key] * len(rows), "round": list(asked["round"][:1]) * len(rows)}
        return answer | of | text_columns(self._reviews.iloc[rows])

    def select(self, rows: Iterable[int]) -> None:
        """Select these rows in all charts; none: nothing is selected and all are shown alike."""
        wanted = sorted(int(row) for row in rows)
        if sorted(self.points.selected.indices) != wanted:
            self.points.selected.indices = wanted

    def pin(self, row: int | None) -> None:
        """Mark a review in all charts and keep its details, until another one is pinned; None: no one."""
        if row != self._pinned:
            self.pinned.data = {"row": [], "key": []} if row is None else {"row": [row], "key": [self.keys[-1]]}
            # The browser draws the mark when it hears of a pin: not of one that its charts come with.
            self._mark.data = {
                name: [] if row is None else [float(self.points.data[name][row])] for name in self._mark.data
            }

    @property
    def _pinned(self) -> int | None:
        rows = self.pinned.data["row"]
        return int(rows[0]) if len(rows) else None

    def on_select(self, told: Callable[[list[int]], None]) -> None:
        self.points.selected.on_change("indices", lambda _name, _old, new: told(sorted(new)))

    def on_pin(self, told: Callable[[int | None], None]) -> None:
        def tell(_name: str, _old: Any, _new: Any) -> None:
            told(None if self._pinned is None else int(self.points.data["example"][self._pinned]))

        self.pinned.on_change("data", tell)

    def _figure(self, key: str, title: str) -> Any:
        """The chart of one key: its layers from the bottom to the top, then what it listens to."""
        made = empty_figure(title, self.colors, many=self.many)
        made.tags = [key]  # by which the scripts know it
        self._draw_lines(made, key)
        reviews = self._draw_reviews(made, key, self._groups[key])
        self._draw_badly(made, key)
        self._draw_rings(made, key)
        self._draw_sentence(made, key)
        for tool in made.tools:
            if isinstance(tool, SELECTING):
                tool.renderers = [reviews]
        for event in (MouseEnter, MouseMove, MouseLeave, Tap):
            made.js_on_event(event, self._hover)
        return made

    def _draw_lines(self, made: Any, key: str) -> None:
        """Trails, and lines to the neighbours of the review pointed at."""
        colors = self.colors
        trails = MultiLine(xs=f"xs_{key}", ys=f"ys_{key}", line_color=colors.selected, line_alpha=0.5, line_width=1)
        draw(made, self.trails, trails)
        ends = {f"{axis}{end}": f"{axis}{end}_{key}" for end in "01" for axis in "xy"}
        draw(made, self._lines, Segment(**ends, line_color=colors.text, line_alpha=0.5), level="overlay")

    def _draw_reviews(self, made: Any, key: str, group: str) -> Any:
        """The points; what is not selected is grey."""
        colors = self.colors
        share = CROWDED if self.many else 1.0
        return made.scatter(
            f"x_{key}", f"y_{key}", source=self.points, size=self.size * share, line_width=1.2 * share,
            fill_color=f"c_{group}", line_color=f"c_{group}", fill_alpha=f"f_{group}", line_alpha=SOLID * share,
            nonselection_fill_color=colors.unselected, nonselection_line_color=colors.unselected,
            nonselection_fill_alpha=PALE * share, nonselection_line_alpha=0.45 * share,
        )  # fmt: skip

    def _draw_badly(self, made: Any, key: str) -> None:
        """A cross on each point that the map places badly, where they are marked."""
        share = CROWDED if self.many else 1.0
        made.scatter(
            f"x_{key}", f"y_{key}", source=self.points, view=CDSView(filter=self.badly[key]), marker="x",
            size=self.size * min(share, 0.85), line_width=share, line_color=self.colors.text, line_alpha=0.8 * share,
            nonselection_line_color=self.colors.muted, nonselection_line_alpha=0.35 * share,
        )  # fmt: skip

    def _draw_rings(self, made: Any, key: str) -> None:
        """Around the nearest on the map that are no neighbours, the neighbours, the review itself, the pinned one."""
        colors = self.colors
        # Each of another size: reviews that lie on one another are all ringed. Those that only look near lie nearest.
        for source, more, dash, width in (
            (self._lookalike, 11, "3 3", 1.3),
            (self._ring, 5, "solid", 1.4),
            (self._here, 8, "solid", 2.2),
            (self._mark, 14, "solid", 2.2),
        ):
            # Arcs: WebGL draws no dashed outline of a marker, and nothing at all above the points.
            ring = Arc(
                x=f"x_{key}", y=f"y_{key}", radius=(self.size + more) / 2, radius_units="screen",
                start_angle=0, end_angle=tau, line_width=width, line_dash=dash,
                line_color=colors.text if dash == "solid" else colors.muted,
            )  # fmt: skip
            draw(made, source, ring, level="overlay")

    def _draw_sentence(self, made: Any, key: str) -> None:
        """The user's sentence, a diamond with a halo; an arrow to it where it lies outside of the frame."""
        colors = self.colors
        place: dict[str, Any] = {"x": f"x_{key}", "y": f"y_{key}", "marker": "diamond"}
        halo = Scatter(
            **place, size=self.size * 2 + 9, fill_color=colors.surface, line_color=colors.surface, line_width=3
        )
        diamond = Scatter(
            **place, size=self.size * 2 + 5, fill_color=colors.user, fill_alpha=f"f_{key}", line_color=colors.user,
            line_width=2,
        )  # fmt: skip
        x0, y0, x1, y1, turn = (f"arrow_{name}_{key}" for name in ("x0", "y0", "x1", "y1", "turn"))
        # Not Bokeh's own arrow: that one draws what has no place in the corner.
        shaft = Segment(x0=x0, y0=y0, x1=x1, y1=y1, line_color=colors.user, line_width=2)
        head = Scatter(
            x=x1, y=y1, angle=turn, marker="triangle", size=self.size + 3, fill_color=colors.user,
            line_color=colors.user,
        )  # fmt: skip
        for glyph in (halo, diamond, shaft, head):
            draw(made, self.sentence, glyph)

    def _hover_script(self, titles: dict[str, str], element: str) -> CustomJS:
        """What hovering and clicking do, the same for all charts."""
        sources = {"points": self.points, "near": self.near, "ring": self._ring, "lookalike": self._lookalike}
        sources |= {"here": self._here, "mark": self._mark, "lines": self._lines}
        sources |= {"pinned": self.pinned, "asked": self.asked, "told": self.told, "details": self.details}
        plain = {"keys": self.keys, "classes": self.classes, "titles": titles, "reach": REACH, "note": self.note}
        plain |= {"rest": self.details.text, "unit": element, "groups": self._groups}
        return CustomJS(args=sources | plain, code=script("near") + script("hover"))


def same(before: dict[str, Any], columns: dict[str, Any]) -> bool:
    """Whether a source holds these columns, all of them arrays, already."""
    return all(
        name in before and np.array_equal(before[name], column, equal_nan=column.dtype.kind == "f")
        for name, column in columns.items()
    )


def draw(made: Any, source: ColumnDataSource, glyph: Glyph, level: str = "glyph") -> None:
    """Draw what looks the same selected or not: a figure's own methods make four models of it, each sent."""
    alike = {"selection_glyph": None, "nonselection_glyph": None, "muted_glyph": None}
    made.add_glyph(source, glyph, level=level, **alike)


def empty_figure(title: str, colors: Colors, many: bool = False) -> Any:
    """A square without axes, from -FRAME to FRAME, in which dragging selects; Ctrl and the wheel zoom.

    many: points are drawn by WebGL; a browser that has none draws them as others are drawn.
    """
    zoom = WheelZoomTool(modifiers="ctrl")  # the wheel alone scrolls the page; a trackpad's pinch comes with ctrl
    lasso = LassoSelectTool(continuous=False)
    return figure(
        width=300, height=300, sizing_mode="scale_width", min_width=96, toolbar_location=None,
        tools=[lasso, BoxSelectTool(continuous=False), PanTool(), zoom, ResetTool()], active_drag=lasso,
        x_axis_type=None, y_axis_type=None, x_range=Range1d(-FRAME, FRAME), y_range=Range1d(-FRAME, FRAME),
        background_fill_color=colors.surface, border_fill_color=colors.surface, outline_line_color=colors.line,
        min_border=1, name=f"map {title}", output_backend="webgl" if many else "canvas",
    )  # fmt: skip


def script(name: str) -> str:
    return (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
