"""The probability over the words of a text as a chart, with a line that marks the word pointed at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the renderer
import numpy as np
from bokeh.models import CustomJS, Span

from viewer.data.reading import Floats, Reading
from viewer.plots.colors import Colors
from viewer.plots.pieces import Aligned

SPELLED = 14  # up to so many slots the axis names the words
LONGEST_TICK = 12  # characters
# Rows of words with the same `cursor` hear of it, and move the line in their turn: all in the browser.
FOLLOW = """
const at = leaving ? 0 : Math.min(Math.max(Math.round(cb_obj.x), 0), last)
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


def checkpoint_curves(reading: Reading, epochs: Sequence[int], current: int, colors: Colors) -> list[Curve]:
    """A line per checkpoint, early pale, late strong, the current one thick."""
    slots = tuple(range(len(reading.words) + 1))
    return [
        Curve(
            f"Epoch {epoch}",
            slots,
            reading.probability[reading.epochs.index(epoch)],
            color,
            width=3 if epoch == current else 1.5,
        )
        for epoch, color in zip(epochs, colors.epochs(len(epochs)), strict=True)
    ]


def compared_curves(first: Reading, second: Reading, slots: Aligned, epoch: int, colors: Colors) -> list[Curve]:
    """Two texts at one checkpoint over their common slots: the first solid, the second dashed."""
    return [
        Curve(name, (0, *own), reading.probability[reading.epochs.index(epoch)], color, 2.5, dash)
        for name, own, reading, color, dash in (
            ("First text", slots.first, first, colors.text, "solid"),
            ("Second text", slots.second, second, colors.accent, "dashed"),
        )
    ]


def probability_curve(
    curves: Sequence[Curve], positive: str, words: Sequence[str], colors: Colors, cursor: str
) -> hv.Overlay:
    """The probability of the class `positive`, 0 to 1, over the words read, with a line at 0.5.

    words: what stands at slots 1, 2, ...; few are named along the axis. cursor: the name under which rows of words
    (`WordRows.cursor`) and the upright line at the word pointed at find each other; another for every chart.
    """
    last = len(words)

    def finish(plot: Any, _element: Any) -> None:
        if not any(isinstance(mark, Span) and mark.dimension == "height" for mark in plot.state.center):
            paint(plot.state, colors)
            follow(plot.state, last, colors.muted, cursor)

    lines = [
        hv.Curve((np.array(curve.x), curve.probability), "words read", "probability", label=curve.label).opts(
            color=curve.color, line_width=curve.width, line_dash=curve.dash, backend="bokeh"
        )
        for curve in curves
    ]
    half = hv.HLine(0.5).opts(color=colors.muted, line_width=1, line_dash="dotted", backend="bokeh")
    ticks = [(0, "start"), *((t, short(word)) for t, word in enumerate(words, 1))] if last <= SPELLED else 8
    return hv.Overlay([half, *lines]).opts(
        hooks=[finish],
        responsive=True,
        height=260,
        ylim=(0, 1),
        xlim=(0, max(last, 1)),
        xticks=ticks,
        yticks=[0, 0.25, 0.5, 0.75, 1],
        xlabel="words read",
        ylabel=f"probability of {positive.upper()}",
        show_legend=len(lines) > 1,
        legend_position="right",
        toolbar=None,
        default_tools=[],
        active_tools=[],
        backend="bokeh",
    )


def follow(figure: Any, last: int, color: str, cursor: str) -> None:
    """An upright line at the position pointed at, 0 to `last`, on a figure; the server hears nothing of it."""
    span = Span(
        location=0, dimension="height", line_color=color, line_width=1.5, visible=False, name=cursor, syncable=False
    )
    figure.add_layout(span)
    for event, leaving in (("mousemove", False), ("mouseleave", True)):
        figure.js_on_event(event, CustomJS(args={"span": span, "last": last, "leaving": leaving}, code=FOLLOW))


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
