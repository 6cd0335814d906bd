"""Charts of the same reviews that share one data source: what is selected in one is selected in all, in the browser.

Drawn with Bokeh itself, as one shared source, points that glide and rings on hover are beyond what HoloViews offers.
More than AT_ONCE reviews are drawn by WebGL, where a graphics card does that (canvas.js), and their neighbours and
texts are asked of the server when they are pointed at. What follows the pointer lies on a canvas of its own above the
points ("overlay"), so that hovering paints no point anew.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bokeh.events import MouseEnter, MouseLeave, MouseMove, Tap
from bokeh.models import ColumnDataSource, CustomJS, Div, IndexFilter

from viewer.data.maps import AT_ONCE
from viewer.data.near import NOBODY
from viewer.plots.colors import Colors
from viewer.plots.columns import (
    badly_rows,
    fixed_columns,
    neighbor_columns,
    point_columns,
    sentence_columns,
    text_columns,
)
from viewer.plots.map_figure import MapFigures, Sources, ring_looks, sentence_looks
from viewer.plots.maps import Chart

SCRIPTS = Path(__file__).parent / "scripts"
GLIDE = 500  # milliseconds
GLIDING = re.compile("[xycfsp]_")  # columns that travel with what they were: glide.js moves places, holds the rest back
REACH = 14  # pixels around the pointer in which the nearest point is hovered
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
        with_tools: bool = False,
    ) -> None:
        """reviews: a row a review with example, id, label, original_length, snippet; titles: {key: plain title};
        note: a line that `details` always ends with; element: what a review's elements are called; with_tools:
        dragging may also draw a box and move the map, as buttons beside the charts say."""
        self.colors, self.classes, self.size, self.note = colors, list(classes), size, note
        self.keys = [chart.key for chart in charts]
        self.many = len(reviews) > AT_ONCE
        self._reviews, self._round, self._drawn_anew = reviews, 0, 0
        self._groups = {chart.key: chart.group for chart in charts}
        self._fixed = fixed_columns(reviews, self.classes, texts=not self.many)
        self._looks = ring_looks(size, colors)
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
            if source is not None:
                source.js_on_change("data", self._hover)
        self.pinned.js_on_change("tags", self._hover)
        self.points.js_on_change("change", self._hover)  # what is drawn around points glides with them
        sources = Sources(self.points, self._lines, self._rings, self.sentence)
        self._drawn = MapFigures(sources, colors, size, self.many, with_tools)
        self.figures = {chart.key: self._figure(chart.key, titles[chart.key]) for chart in charts}
        self._mark_badly(charts)

    def _make_sources(self, charts: Sequence[Chart]) -> None:
        """What the charts draw from: the store's places, and what the browser puts in while one points and clicks."""
        self.points = ColumnDataSource(self._fixed | point_columns(charts), name="reviews")
        self.near = ColumnDataSource(self._neighbors(charts))
        self._make_questions()
        self.sentence = ColumnDataSource(self._of_sentence(charts), name="sentence")
        self.badly = {chart.key: IndexFilter(indices=[]) for chart in charts}
        self._crossed = False  # whether a point has ever borne a cross
        self.trails: ColumnDataSource | None = None  # there are none until some are asked for
        self.pinned = ColumnDataSource({"row": [], "key": []}, name="pinned")  # key: the chart that was clicked
        self._rings = ColumnDataSource(self._ringed("mark", []), name="rings")
        ends = [f"{axis}{end}_{key}" for key in self.keys for axis in "xy" for end in "01"]
        self._lines = ColumnDataSource({name: [] for name in ends}, name="lines")

    def _make_questions(self) -> None:
        """What the browser asks, and the answers; of few reviews it knows all."""
        self.asked = self.told = None
        if self.many:
            nothing: dict[str, list[Any]] = {"row": [], "key": [], "round": []}
            self.asked = ColumnDataSource(nothing, name="asked")
            self.told = told = ColumnDataSource(self._answer(nothing), name="told")
            self.asked.on_change("data", lambda _name, _old, new: told.update(data=self._answer(new)))

    def _of_sentence(self, charts: Sequence[Chart]) -> dict[str, Any]:
        return sentence_columns(charts, sentence_looks(self.size, self.colors))

    def _ringed(self, kind: str, rows: Sequence[int]) -> dict[str, list[Any]]:
        """The columns of rings of one kind around rows of the points, as hover.js makes them."""
        places = {f"{axis}_{key}": [float(self.points.data[f"{axis}_{key}"][row]) for row in rows]
                  for key in self.keys for axis in "xy"}  # fmt: skip
        look = {name: [value] * len(rows) for name, value in self._looks[kind].items()}
        return {"kind": [kind] * len(rows)} | look | places

    def update(self, charts: Sequence[Chart], glide: bool = True) -> None:
        """Show these charts, which have the keys of the first ones; points glide there from where they are.

        What is as before is not sent again: another sentence moves no point.
        """
        self._round += 1
        self.near.data = self._neighbors(charts)  # before the points: what is drawn around them is drawn with them
        for source, columns in ((self.points, point_columns(charts)), (self.sentence, self._of_sentence(charts))):
            before = source.data
            if same(before, columns):
                continue
            kept = self._fixed if source is self.points else {}
            old: dict[str, Any] = {}
            if glide and all(len(before[name]) == len(column) for name, column in columns.items()):
                old = {f"{name[0]}0{name[1:]}": left(before, name) for name in columns if GLIDING.match(name)}
            source.data = kept | columns | old
        self._mark_badly(charts)

    def _mark_badly(self, charts: Sequence[Chart]) -> None:
        """Crosses on the points that the charts mark."""
        found = badly_rows(charts)
        if any(found.values()) and not self._crossed:
            self._crossed = True
            for key, made in self.figures.items():
                self._drawn.crosses(made, key, self.badly[key])
        for key, rows in found.items():
            if self.badly[key].indices != rows:
                self.badly[key].indices = rows

    def draw_trails(self, paths: dict[str, list[Any]]) -> None:
        """Draw lines over the charts, columns xs_KEY and ys_KEY of a list of places a line; they stay until others
        follow. Without any line, none."""
        if self.trails is not None:
            self.trails.data = paths
        elif any(paths.values()):
            self.trails = ColumnDataSource(paths, name="trails")
            for key, made in self.figures.items():
                self._drawn.trails(made, key, self.trails)

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
            # The browser draws all rings anew when it hears of a pin: not of one that its charts come with.
            self._rings.data = self._ringed("mark", [] if row is None else [row])
            self.pinned.data = {"row": [], "key": []} if row is None else {"row": [row], "key": [self.keys[-1]]}

    def redraw(self) -> None:
        """Have a browser that was sent the charts draw what belongs to the pinned review: rings, lines, details."""
        if self._pinned is not None:
            self._drawn_anew += 1
            self.pinned.tags = [self._drawn_anew]

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
        """The chart of one key, and what it listens to."""
        made = self._drawn.figure(key, self._groups[key], title)
        for event in (MouseEnter, MouseMove, MouseLeave, Tap):
            made.js_on_event(event, self._hover)
        return made

    def _hover_script(self, titles: dict[str, str], element: str) -> CustomJS:
        """What hovering and clicking do, the same for all charts."""
        sources = {"points": self.points, "near": self.near, "rings": self._rings, "lines": self._lines}
        sources |= {"pinned": self.pinned, "asked": self.asked, "told": self.told, "details": self.details}
        plain = {"keys": self.keys, "classes": self.classes, "titles": titles, "reach": REACH, "note": self.note}
        plain |= {"rest": self.details.text, "unit": element, "groups": self._groups, "looks": self._looks}
        return CustomJS(args=sources | plain, code=script("near") + script("hover"))


def left(before: dict[str, Any], name: str) -> Any:
    """What a column was, from which its points glide; an arrow's head, whose shaft does not, comes from nowhere."""
    if name[0] in "xy" and "kind" in before:
        return np.where(before["kind"] == "head", np.float32(np.nan), before[name])
    return before[name]


def same(before: dict[str, Any], columns: dict[str, Any]) -> bool:
    """Whether a source holds these columns, all of them arrays, already."""
    return all(
        name in before and np.array_equal(before[name], column, equal_nan=column.dtype.kind == "f")
        for name, column in columns.items()
    )


def script(name: str) -> str:
    return (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
