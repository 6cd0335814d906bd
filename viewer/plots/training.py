"""Curves over the epochs and the words that move most: frames to HoloViews charts and one HTML table. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the renderer
import numpy as np
import pandas as pd
from bokeh.models import HoverTool, Span

from viewer.plots.colors import Colors
from viewer.plots.words import signed

HEIGHT = 260  # pixels of a chart; labels need some 16 each
LABEL_GAP = 0.075  # least distance of two labels, of the height of the values
ROOM = 0.025  # of the width of all epochs, for each character of the longest label at the right
MOST_ROOM = 0.5
TICKS = 12  # at most
DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")
SPLITS = {"test": "test", "validation": "validation", "train": "training"}
CELL = "padding: 3px 8px; border: 1px solid var(--surface)"
ENDS = "display: flex; justify-content: space-between; gap: 10px; white-space: nowrap"
LONGEST = 22  # characters of a word that are shown in a table cell or beside a line


@dataclass(frozen=True)
class Line:
    """One line of a chart. `name`: what is written at its end; `points`: columns epoch and value, epochs rising."""

    name: str
    color: str
    dash: str
    points: pd.DataFrame


def loss_curves(metrics: pd.DataFrame, colors: Colors, now: Span | None = None) -> hv.Overlay:
    """The loss on each split over the epochs; `metrics` has columns epoch, split, metric, value."""
    return curves(split_lines(metrics, "loss", colors), "Loss (mean cross-entropy, nats)", colors, now)


def accuracy_curves(metrics: pd.DataFrame, colors: Colors, now: Span | None = None) -> hv.Overlay:
    """The accuracy on each split over the epochs, in percent; `metrics` as for the loss."""
    return curves(split_lines(metrics, "accuracy", colors, 100), "Accuracy (% right)", colors, now)


def split_lines(metrics: pd.DataFrame, metric: str, colors: Colors, factor: float = 1) -> list[Line]:
    """A line for each split that is there, the same look for the same split in every chart."""
    look = {"test": (colors.text, "solid"), "validation": (colors.categories[0], "dashed")}
    look["train"] = (colors.categories[1], "dotted")
    wanted = metrics[metrics["metric"] == metric]
    return [
        Line(SPLITS[split], *look[split], points(wanted[wanted["split"] == split], factor))
        for split in SPLITS
        if (wanted["split"] == split).any()
    ]


def run_curves(metrics: pd.DataFrame, metric: str, split: str, label: str, colors: Colors) -> hv.Overlay:
    """One metric on one split, a line for each run; `metrics` has columns run, epoch, split, metric, value.

    label: of the vertical axis; a metric called accuracy is drawn in percent.
    """
    wanted = metrics[(metrics["metric"] == metric) & (metrics["split"] == split)]
    factor = 100 if metric == "accuracy" else 1
    lines = [
        Line(run, *run_look(number, colors), points(wanted[wanted["run"] == run], factor))
        for number, run in enumerate(dict.fromkeys(metrics["run"]))
        if (wanted["run"] == run).any()
    ]
    return curves(lines, label, colors)


def run_look(number: int, colors: Colors) -> tuple[str, str]:
    """Colour and dash of the `number`-th run; colours and dashes repeat at different steps."""
    return colors.categories[number % len(colors.categories)], DASHES[number % len(DASHES)]


def words_over_epochs(followed: pd.DataFrame, colors: Colors, now: Span | None = None) -> hv.Overlay:
    """The mean impact of some words over the epochs, in percentage points: columns word, epoch, impact, rank.

    The colour says whether a word raises or lowers at the epoch it was picked for (the sign of `rank`).
    """
    lines = []
    for (rank, word), places in followed.groupby(["rank", "word"], sort=True):
        color = colors.raises if int(str(rank)) > 0 else colors.lowers
        lines.append(Line(short(str(word)), color, "solid", points(places, 100, "impact")))
    return curves(lines, "Mean impact (percentage points)", colors, now, height=420, zero=True)


def points(frame: pd.DataFrame, factor: float = 1, column: str = "value") -> pd.DataFrame:
    """Columns epoch and value, by epoch."""
    values = pd.DataFrame({"epoch": frame["epoch"].to_numpy(), "value": frame[column].to_numpy() * factor})
    return values.sort_values("epoch", ignore_index=True)


def epoch_line(epoch: int, colors: Colors) -> Span:
    """The vertical line at an epoch: give it to a chart, then move it by its `location`."""
    return Span(location=epoch, dimension="height", line_color=colors.accent, line_width=2, line_alpha=0.7)


def curves(
    lines: Sequence[Line], label: str, colors: Colors, now: Span | None = None, height: int = HEIGHT, zero: bool = False
) -> hv.Overlay:
    """All lines in one chart, each with its name at its end; the epoch on the horizontal axis.

    label: of the vertical axis; now: the line of the current epoch; zero: whether a line at 0 is drawn.
    """
    if not lines:
        return nothing(colors, height)
    values = np.concatenate([line.points["value"] for line in lines])
    epochs = sorted({int(epoch) for line in lines for epoch in line.points["epoch"]})
    first, last = epochs[0], max(epochs[-1], epochs[0] + 1)
    low, high = value_range(values)
    elements: list[Any] = [hv.HLine(0).opts(color=colors.muted, line_width=1, backend="bokeh")] if zero else []
    elements += [drawn(line) for line in lines]
    elements += named_ends(lines, first, last, (low, high), height, colors)
    width = last - first
    room = min(MOST_ROOM, 0.05 + ROOM * max(len(line.name) for line in lines))
    return hv.Overlay(elements).opts(
        responsive=True, height=height, show_legend=False, xlabel="Epoch", ylabel=label, toolbar=None,
        xlim=(first - 0.02 * width, last + room * width), ylim=(low, high), xticks=ticks(epochs),
        hooks=[dressed(colors, now)], default_tools=[], shared_axes=False, backend="bokeh",
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
    lines: Sequence[Line], first: int, last: int, extent: tuple[float, float], height: int, colors: Colors
) -> list[Any]:
    """The name of each line at the right, moved apart where they would overlap, with a thin leader to its end."""
    low, high = extent
    ends = [float(line.points["value"].iloc[-1]) for line in lines]
    gap = LABEL_GAP * HEIGHT / height * (high - low)
    places = apart(ends, gap, low + gap / 2, high - gap / 2)
    width = last - first
    leaders = hv.Segments(
        [
            (line.points["epoch"].iloc[-1], end, last + 0.03 * width, place, line.color)
            for line, end, place in zip(lines, ends, places, strict=True)
        ],
        ["x0", "y0", "x1", "y1"],
        "color",
    ).opts(color="color", line_width=1, alpha=0.7, backend="bokeh")
    names = [(last + 0.04 * width, place, line.name) for line, place in zip(lines, places, strict=True)]
    text = hv.Labels(names, ["x", "y"], "name").opts(
        text_color=colors.text, text_align="left", text_baseline="middle", text_font_size="9pt", backend="bokeh"
    )
    return [leaders, text]


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


def moving_words_by_epoch(best: pd.DataFrame, colors: Colors) -> str:
    """An HTML table of the words of `viewer.data.training.most_moving`: a column an epoch, what raises on top.

    Each cell holds the word and its mean impact in percentage points on the tint of its size, relative to the largest
    in the table; count and interval stand in its title.
    """
    if best.empty:
        return "<p class='empty'>No word stands in enough places of the explained reviews to be judged.</p>"
    largest = float(best["impact"].abs().max()) or 1.0
    epochs = sorted(best["epoch"].unique())
    heads = "".join(f"<th scope='col'>Epoch {each}</th>" for each in epochs)
    cells = {(row["rank"], row["epoch"]): cell(row, largest, colors) for row in best.to_dict("records")}
    body = []
    for sign, title in ((1, "raise most"), (-1, "lower most")):
        ranks = sorted({rank for rank, _ in cells if rank * sign > 0}, key=abs)
        body.append(f"<tr><th scope='rowgroup' colspan='{len(epochs)}'>{'▲' if sign > 0 else '▼'} {title}</th></tr>")
        for rank in ranks:
            body.append("<tr>" + "".join(cells.get((rank, each), "<td></td>") for each in epochs) + "</tr>")
    return f"<table style='width: 100%'><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def cell(row: dict[Any, Any], largest: float, colors: Colors) -> str:
    impact, word = float(row["impact"]), str(row["word"])
    tint = colors.tint(abs(impact) / largest, 1 if impact > 0 else -1)
    title = (
        f"{word}: {points_of(impact)} percentage points on average, 95 % interval {points_of(row['low'])} to "
        f"{points_of(row['high'])}, in {row['count']:,} places"
    )
    return (
        f"<td title='{escape(title)}' style='background: {tint}; {CELL}'><div style='{ENDS}'>"
        f"<bdi>{escape(short(word))}</bdi> <span>{points_of(impact)}</span></div></td>"
    )


def alignment_table(pairs: pd.DataFrame) -> str:
    """An HTML table of `viewer.data.training.alignment`: a row a layer, a column a step from one epoch to the next.

    What cannot be followed is marked by a sign and a word, with the figure of the layer's own vectors in its title.
    """
    if pairs.empty:
        return "<p class='empty'>There are no maps of two epochs to compare.</p>"
    steps = list(dict.fromkeys(zip(pairs["epoch"], pairs["following"], strict=True)))
    heads = "".join(f"<th scope='col'>{first} → {then}</th>" for first, then in steps)
    rows = []
    for title, layer in pairs.groupby("title", sort=False):
        of = {row["epoch"]: row for row in layer.to_dict("records")}
        cells = "".join(share(of[first]) if first in of else "<td></td>" for first, _ in steps)
        rows.append(f"<tr><th scope='row'>{escape(str(title))}</th>{cells}</tr>")
    head = f"<thead><tr><th scope='col'>Epochs</th>{heads}</tr></thead>"
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"


def share(row: dict[Any, Any]) -> str:
    """One residual as a table cell."""
    reason = "" if row["verdict"] == "good" else f" ⚠ {str(row['verdict']).split()[0]}"
    own = "not stored" if np.isnan(row["own"]) else f"{percent(row['own'])}"
    return f"<td title='the same of the vectors themselves: {own}'>{percent(row['residual'])}{reason}</td>"


def points_of(impact: float) -> str:
    """An impact in percentage points, with its sign."""
    return signed(100 * impact, 1)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def short(word: str) -> str:
    """A word of any length in a cell."""
    return word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"
