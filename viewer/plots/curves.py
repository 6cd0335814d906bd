"""The probability over the words of a text as a chart, with a line that marks the word pointed at.

Drawn with Bokeh itself: each text is new data for the same chart, where HoloViews makes another chart each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    AllIndices,
    BasicTicker,
    CDSView,
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    GlyphRenderer,
    Legend,
    LegendItem,
    Line,
    NoOverlap,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from viewer.data.reading import Floats, Reading
from viewer.plots.colors import Colors
from viewer.plots.pieces import Aligned

HEIGHT = 260  # pixels
SPELLED = 14  # up to so many slots the axis names the words
LONGEST_TICK = 12  # characters
MOST_NAMED = 14  # curves, or a few more: as many lines have room beside the chart
THICK = 3  # pixels of the current line
# Rows of words with the same `cursor` hear of it, and move the line in their turn: all in the browser.
FOLLOW = """
const at = leaving ? 0 : Math.min(Math.max(Math.round(cb_obj.x), 0), range.end)
if (at !== span.location) {
  span.setv({location: at, visible: at > 0})
  document.dispatchEvent(new CustomEvent("pointed", {detail: {cursor: span.name, position: at}}))
}
"""


@dataclass(frozen=True)
class Curve:
    """A line: the probability (T + 1,) after the words at the slots x (T + 1,), the empty prefix at 0.

    dash: Bokeh's name of a dash pattern; width: in pixels.
    """

    label: str
    x: tuple[int, ...]
    probability: Floats
    color: str
    width: float = 1.5
    dash: str = "solid"


def checkpoint_curves(
    reading: Reading, epochs: Sequence[int], current: int, colors: Colors, asked: str = ""
) -> list[Curve]:
    """A line per checkpoint, early pale, late strong, the current one thick; of class `asked`, else the positive."""
    slots = tuple(range(len(reading.words) + 1))
    said = reading.of(reading.probabilities, asked or reading.positive)
    return [
        Curve(
            f"Epoch {epoch}",
            slots,
            said[reading.place(epoch)],
            color,
            width=THICK if epoch == current else 1.5,
        )
        for epoch, color in zip(epochs, colors.epochs(len(epochs)), strict=True)
    ]


def compared_curves(
    first: Reading, second: Reading, slots: Aligned, epoch: int, colors: Colors, asked: str = ""
) -> list[Curve]:
    """Two texts at one checkpoint over their common slots, one class as above: the first solid, the second dashed."""
    return [
        Curve(
            name,
            (0, *own),
            reading.of(reading.probabilities, asked or reading.positive)[reading.place(epoch)],
            color,
            2.5,
            dash,
        )
        for name, own, reading, color, dash in (
            ("First text", slots.first, first, colors.text, "solid"),
            ("Second text", slots.second, second, colors.accent, "dashed"),
        )
    ]


class ProbabilityChart:
    """The probability of a class, 0 to 1, over the words read, with a line at that of a guess; `figure` is shown.

    `cursor` is the name under which rows of words (`WordRows.cursor`) and the upright line at the word pointed at find
    each other; another for every chart of a page.
    """

    def __init__(self, colors: Colors, cursor: str) -> None:
        self.cursor = cursor
        self.lines: list[GlyphRenderer] = []  # as many as were ever needed; those not needed now are hidden
        self.source = ColumnDataSource()
        self._view = CDSView(filter=AllIndices())
        self._named, self._numbered = FixedTicker(), BasicTicker(mantissas=[1, 2, 5], desired_num_ticks=8)
        # Not by WebGL, which leaves specks outside of the frame where there are several hundred words.
        self.figure = made = figure(
            height=HEIGHT, sizing_mode="stretch_width", toolbar_location=None, tools=[], min_border=10,
            x_range=Range1d(0, 1), y_range=Range1d(0, 1), x_axis_label="words read",
        )  # fmt: skip
        made.xaxis.major_label_policy = NoOverlap(min_distance=8)  # in a narrow window not all have room
        made.yaxis.ticker = FixedTicker(ticks=[0, 0.25, 0.5, 0.75, 1])
        self.guess = Span(location=0.5, dimension="width", line_color=colors.muted, line_dash="dotted")
        made.renderers = [self.guess]
        self.legend = Legend(location=(0, 0), click_policy="mute")
        made.add_layout(self.legend, "right")
        paint(made, colors)
        follow(made, colors.muted, cursor)

    def draw(
        self,
        curves: Sequence[Curve],
        asked: str,
        words: Sequence[str],
        classes: int = 2,
        element: str = "word",
        aligned: bool = False,
    ) -> None:
        """Show these curves of the class `asked`, one of so many; words: what stands at slots 1, 2, ..., of which few
        are named along the axis, but for steps. aligned: the slots are those of several texts."""
        while len(self.lines) < len(curves):
            self._add()
        self.source.data = columns(curves, len(self.lines))
        for line, item, curve in zip_longest(self.lines, self.legend.items, curves):
            if curve is not None:
                line.glyph.update(line_color=curve.color, line_width=curve.width, line_dash=curve.dash)
                item.label = value(curve.label)
            line.visible = curve is not None
        for number, item in enumerate(self.legend.items):
            item.visible = number in named(curves)
        self.legend.visible = len(curves) > 1
        last = len(words)
        self.figure.x_range.end = max(last, 1)
        self.figure.yaxis.axis_label = f"probability of {asked.upper()}"
        self.figure.xaxis.axis_label = f"{element}s as aligned above" if aligned else f"{element}s read"
        self.guess.location = 1 / classes
        self._name(words if last <= SPELLED and element == "word" else ())

    def _add(self) -> None:
        """One more line, on top of the others."""
        number = len(self.lines)
        line = GlyphRenderer(data_source=self.source, view=self._view, glyph=Line(x=f"x{number}", y=f"y{number}"))
        self.lines.append(line)
        self.figure.renderers.append(line)
        self.legend.items.append(LegendItem(label=value(""), renderers=[line]))

    def _name(self, words: Sequence[str]) -> None:
        """Words along the axis; none: numbers."""
        if words:
            self._named.ticks = list(range(len(words) + 1))
        names = {0: "start"} | {t: short(word) for t, word in enumerate(words, 1)} if words else {}
        self.figure.xaxis.update(ticker=self._named if words else self._numbered, major_label_overrides=names)


def named(curves: Sequence[Curve]) -> set[int]:
    """The numbers of the curves that the legend has room for: of many every second, third, ..., the last and thick
    ones."""
    step = -(-len(curves) // MOST_NAMED)
    return {n for n, curve in enumerate(curves) if n % step == 0 or n == len(curves) - 1 or curve.width >= THICK}


def columns(curves: Sequence[Curve], lines: int) -> dict[str, Floats]:
    """The columns x0, y0, x1, ... of so many lines, all as long as the longest curve: beyond its end a line is NaN."""
    longest = max((len(curve.x) for curve in curves), default=0)
    found = {f"{axis}{number}": np.full(longest, np.nan) for number in range(lines) for axis in "xy"}
    for number, curve in enumerate(curves):
        found[f"x{number}"][: len(curve.x)] = curve.x
        found[f"y{number}"][: len(curve.x)] = curve.probability
    return found


def follow(made: Any, color: str, cursor: str) -> None:
    """An upright line at the slot pointed at on a figure that begins at slot 0; the server hears nothing of it."""
    span = Span(
        location=0, dimension="height", line_color=color, line_width=1.5, visible=False, name=cursor, syncable=False
    )
    made.add_layout(span)
    for event, leaving in (("mousemove", False), ("mouseleave", True)):
        made.js_on_event(event, CustomJS(args={"span": span, "range": made.x_range, "leaving": leaving}, code=FOLLOW))


def short(word: str) -> str:
    return word if len(word) <= LONGEST_TICK else word[: LONGEST_TICK - 1] + "…"


def paint(figure: Any, colors: Colors) -> None:
    """A figure in the page's colours and typeface."""
    font = "system-ui, sans-serif"
    figure.background_fill_color = figure.border_fill_color = colors.surface
    figure.outline_line_color = None
    figure.grid.grid_line_color = None
    for axis in figure.axis:
        axis.update(
            axis_line_color=colors.line,
            major_tick_line_color=colors.line,
            minor_tick_line_color=None,
            major_label_text_color=colors.muted,
            axis_label_text_color=colors.muted,
            axis_label_text_font_style="normal",
            axis_label_text_font=font,
            major_label_text_font=font,
            major_label_text_font_size="12px",
            axis_label_text_font_size="12px",
        )
    for legend in figure.legend:
        legend.update(
            background_fill_color=colors.surface,
            border_line_color=None,
            label_text_color=colors.text,
            label_text_font=font,
            label_text_font_size="12px",
            spacing=0,
            padding=0,
            glyph_height=14,
            label_height=14,
        )
