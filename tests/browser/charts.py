"""Linked maps as a browser holds them: where they are on the screen, what they drew, and a mouse that drags."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page

Point = tuple[float, float]
Pixels = npt.NDArray[np.uint8]

LAYERS = "?page=layers"  # where they are

FIGURES = """() => {
  const found = [], seen = (view) => {
    if (view.model.type === 'Figure' && (view.model.name ?? '').startsWith('map ')) found.push(view)
    for (const child of view.children?.() ?? []) seen(child)
  }
  for (const root of Object.values(Bokeh.index)) seen(root)
  return found
}"""

CHARTS = f"""() => ({FIGURES})().map((view) => {{
  const box = view.el.getBoundingClientRect(), frame = view.frame.bbox
  const drawn = view.model.renderers.find((renderer) => renderer.data_source.name === 'reviews')
  return {{
    title: view.model.name.slice(4), left: box.x + frame.left, top: box.y + frame.top, width: frame.width,
    height: frame.height, low: [view.model.x_range.start, view.model.y_range.start],
    high: [view.model.x_range.end, view.model.y_range.end],
    x: Array.from(drawn.data_source.data[drawn.glyph.x.field]),
    y: Array.from(drawn.data_source.data[drawn.glyph.y.field]),
    selected: Array.from(drawn.data_source.selected.indices),
  }}
}})"""

COLUMN = """([source, column, kind]) => {
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()])
  const found = models.filter((model) => model.name === source && column in model.data)
  if (found.length === 0) return null
  const {data} = found[found.length - 1]
  return Array.from(data[column]).filter((_, row) => kind == null || data.kind[row] === kind)
}"""

LINES = """(label) => {
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()])
  const labelled = (model) => model.type === 'Figure' && model.left.some((axis) => axis.axis_label?.startsWith(label))
  const drawn = models.filter(labelled).flatMap((figure) => figure.renderers)
  return drawn.filter((one) => one.glyph?.type === 'Line').map(({glyph, data_source: {data}}) =>
    [data.name[0], Array.from(data[glyph.x.field]), Array.from(data[glyph.y.field])])
}"""


@dataclass(frozen=True)
class OnScreen:
    """A chart as it is drawn: its frame in pixels, and its points in its own units."""

    title: str
    left: float
    top: float
    width: float
    height: float
    low: Point
    high: Point
    x: list[float]
    y: list[float]
    selected: list[int]

    def pixel(self, x: float, y: float) -> Point:
        """Where a place of the chart is on the screen."""
        across = (x - self.low[0]) / (self.high[0] - self.low[0])
        up = (y - self.low[1]) / (self.high[1] - self.low[1])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def point(self, row: int) -> Point:
        return self.pixel(self.x[row], self.y[row])

    def inside(self, left: float, low: float, right: float, high: float) -> list[int]:
        """The rows of the points in a rectangle."""
        return [
            row for row, (x, y) in enumerate(zip(self.x, self.y, strict=True)) if left < x < right and low < y < high
        ]


def charts(page: Page) -> list[OnScreen]:
    """The maps on the page, from left to right; scrolled into sight."""
    found: list[dict[str, Any]] = page.evaluate(CHARTS)
    return sorted((OnScreen(**each) for each in found), key=lambda chart: (chart.top > 2000, chart.left))


def column(page: Page, source: str, name: str, kind: str | None = None) -> list[Any]:
    """A column of a named data source as the browser holds it now, or those of its rows that are of one kind."""
    held = page.evaluate(COLUMN, [source, name, kind])
    assert held is not None, f"no source {source} with a column {name}"
    return list(held)


def rings(page: Page, kind: str, name: str) -> list[float]:
    """Where the rings of one kind are, see viewer.plots.map_figure.ring_looks: a column x_KEY or y_KEY."""
    return column(page, "rings", name, kind)


def picture(page: Page) -> Pixels:
    """(height, width, 3) what the window shows."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))


def lines(page: Page, label: str) -> dict[str, dict[float, float]]:
    """{name of a line: {x: y}} of the chart whose vertical axis has a label that begins with `label`."""
    found: list[tuple[str, list[float], list[float]]] = page.evaluate(LINES, label)
    return {name: dict(zip(across, up, strict=True)) for name, across, up in found}


def lasso(page: Page, corners: Sequence[Point], *held: str) -> None:
    """Drag along `corners` on the screen with the keys `held` down."""
    for key in held:
        page.keyboard.down(key)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    for key in held:
        page.keyboard.up(key)


def box(page: Page, corners: Sequence[Point], *held: str) -> None:
    """Drag from the first of four `corners` to the opposite one."""
    for key in held:
        page.keyboard.down(key)
    page.mouse.move(*corners[0])
    page.mouse.down()
    page.mouse.move(*corners[2], steps=12)
    page.mouse.up()
    for key in held:
        page.keyboard.up(key)


def around(chart: OnScreen, left: float, low: float, right: float, high: float) -> list[Point]:
    """The corners of a rectangle of the chart, on the screen."""
    return [chart.pixel(x, y) for x, y in ((left, low), (right, low), (right, high), (left, high))]
