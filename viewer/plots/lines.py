"""Lines over the epochs in one chart, each named at its end, in the colours of the theme. Frames in, HoloViews out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the renderer
import numpy as np
import pandas as pd
from bokeh.models import AllLabels, FixedTicker, HoverTool, LinearAxis, Span

from viewer.plots.colors import Colors

HEIGHT = 260  # pixels of a chart; labels need some 16 each
LABEL_GAP = 0.075  # least distance of two labels, of the height of the values
LEADER = 0.03  # of the width of all epochs, from the last to the labels
NAMES = "names"  # of the labels among a figure's models
TICKS = 12  # at most
NAME = 24  # characters of a name at the end of its line; a run of a sweep may have a hundred


@dataclass(frozen=True)
class Line:
    """One line of a chart. `name`: what is written at its end; `points`: columns epoch and value, epochs rising."""

    name: str
    color: str
    dash: str
    points: pd.DataFrame


def curves(
    lines: Sequence[Line],
    label: str,
    colors: Colors,
    now: Span | None = None,
    height: int = HEIGHT,
    zero: bool = False,
    behind: Sequence[Any] = (),
    reach: Sequence[float] = (),
) -> hv.Overlay:
    """All lines in one chart, each with its name at its end; the epoch on the horizontal axis.

    label: of the vertical axis; now: the line of the current epoch; zero: whether a line at 0 is drawn; behind: what is
    drawn first; reach: further values that have to be in sight.
    """
    if not lines:
        return nothing(colors, height)
    values = np.concatenate([*(line.points["value"] for line in lines), np.asarray(reach, np.float64)])
    epochs = sorted({int(epoch) for line in lines for epoch in line.points["epoch"]})
    first, last = epochs[0], max(epochs[-1], epochs[0] + 1)
    low, high = value_range(values)
    elements: list[Any] = [hv.HLine(0).opts(color=colors.muted, line_width=1, backend="bokeh")] if zero else []
    elements += [*behind, *(drawn(line) for line in lines)]
    width = last - first
    right = last + LEADER * width
    leaders, named = named_ends(lines, right, (low, high), height, colors)
    return hv.Overlay([*elements, leaders]).opts(
        responsive=True, height=height, show_legend=False, xlabel="Epoch", ylabel=label, toolbar=None,
        xlim=(first - 0.02 * width, right), ylim=(low, high), xticks=ticks(epochs),
        hooks=[dressed(colors, now), named], default_tools=[], shared_axes=False, backend="bokeh",
    )  # fmt: skip


def nothing(colors: Colors, height: int) -> hv.Overlay:
    """A chart's place where the store has no values for it."""
    said = hv.Text(0, 0, "Nothing is stored to draw here.").opts(
        color=colors.muted, text_font_size="10pt", backend="bokeh"
    )
    return hv.Overlay([said]).opts(
        responsive=True,
        height=height,
        xaxis=None,
        yaxis=None,
        toolbar=None,
        default_tools=[],
        hooks=[dressed(colors)],
        backend="bokeh",
    )


def drawn(line: Line) -> hv.Curve:
    """The curve with a dot at each epoch's value, and what is said on hover."""
    hover = HoverTool(tooltips=[("line", "@name"), ("epoch", "@epoch"), ("value", "@value{0.000}")])
    data = line.points.assign(name=line.name)
    return hv.Curve(data, "epoch", ["value", "name"]).opts(
        color=line.color, line_dash=line.dash, line_width=2, tools=[hover], backend="bokeh"
    )


def named_ends(
    lines: Sequence[Line], right: float, extent: tuple[float, float], height: int, colors: Colors
) -> tuple[hv.Segments, Any]:
    """Thin leaders from the ends of the lines to the right of the chart, and a hook that writes their names there.

    The names are moved apart where they would overlap. They are the labels of an axis, outside of the frame: so they
    have the room that they need in a wide window and in a narrow one.
    """
    low, high = extent
    ends = [float(line.points["value"].iloc[-1]) for line in lines]
    gap = LABEL_GAP * HEIGHT / height * (high - low)
    places = apart(ends, gap, low + gap / 2, high - gap / 2)
    leaders = hv.Segments(
        [
            (line.points["epoch"].iloc[-1], end, right, place, line.color)
            for line, end, place in zip(lines, ends, places, strict=True)
        ],
        ["x0", "y0", "x1", "y1"],
        "color",
    ).opts(color="color", line_width=1, alpha=0.7, backend="bokeh")

    def hook(plot: Any, _element: Any) -> None:
        figure = plot.state
        if figure.select_one({"name": NAMES}) is None:
            axis = LinearAxis(
                name=NAMES, ticker=FixedTicker(ticks=places), major_label_policy=AllLabels(), axis_line_color=None,
                major_label_overrides={place: shortened(line.name) for line, place in zip(lines, places, strict=True)},
                major_tick_line_color=None, major_label_text_color=colors.text, major_label_text_font_size="12px",
            )  # fmt: skip
            figure.add_layout(axis, "right")

    return leaders, hook


def shortened(name: str) -> str:
    """At most NAME characters of a name, its beginning and its end: a chart needs room for its lines. Hovering tells it
    whole."""
    end = NAME // 3
    return name if len(name) <= NAME else f"{name[: NAME - end - 1]}…{name[-end:]}"


def value_range(values: np.ndarray) -> tuple[float, float]:
    """The least and the largest value with some air; a constant gets a range around it."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    air = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - air, high + air


def ticks(epochs: Sequence[int]) -> list[int]:
    """Whole epochs for the axis, evenly spaced, at most `TICKS`, the first among them."""
    step = max(1, -(-(epochs[-1] - epochs[0] + 1) // TICKS))
    return list(range(epochs[0], epochs[-1] + 1, step))


def apart(values: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near `values`, in their order, at least `gap` apart and within `low` to `high` as far as there is room.

    Where places touch they form a block around the mean of its values: the least squares solution (isotonic regression
    by pooling adjacent violators, after taking k gaps off the k-th value).
    """
    order = sorted(range(len(values)), key=lambda i: (values[i], i))
    gap = min(gap, (high - low) / max(1, len(values) - 1))
    blocks: list[list[float]] = []  # [sum, count]
    for k, i in enumerate(order):
        blocks.append([values[i] - k * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + count]
    flat = [total / count for total, count in blocks for _ in range(int(count))]
    span = (len(values) - 1) * gap
    found = [0.0] * len(values)
    for k, i in enumerate(order):
        found[i] = min(max(flat[k], low), max(high - span, low)) + k * gap
    return found


def dressed(colors: Colors, now: Span | None = None) -> Any:
    """A HoloViews hook: text, ticks and grid in the theme's colours, nothing behind them, and the current epoch."""

    def hook(plot: Any, _element: Any) -> None:
        figure = plot.state
        figure.background_fill_color = figure.border_fill_color = None
        figure.outline_line_color = None
        for axis in figure.axis:
            axis.axis_label_text_color = axis.major_label_text_color = colors.muted
            axis.axis_label_text_font_style = "normal"
            axis.axis_label_text_font_size, axis.major_label_text_font_size = "13px", "12px"
            axis.axis_line_color = axis.major_tick_line_color = colors.line
            axis.minor_tick_line_color = None
        figure.xgrid.grid_line_color = None
        figure.ygrid.grid_line_color = colors.line
        if now is not None and now not in figure.center:
            figure.add_layout(now)

    return hook
