"""Curves over the epochs and the words that move most: frames to HoloViews charts and HTML tables. No I/O."""

from collections.abc import Mapping
from html import escape
from typing import Any

import holoviews as hv
import numpy as np
import pandas as pd
from bokeh.models import Span

from viewer.numbers import signed
from viewer.plots.colors import Colors
from viewer.plots.lines import Line, curves
from viewer.plots.sideways import sideways

DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")
SPLITS = {"test": "test", "validation": "validation", "train": "training"}
CELL = "padding: 3px 8px; border: 1px solid var(--surface)"
ENDS = "display: flex; justify-content: space-between; gap: 10px; white-space: nowrap"
LONGEST = 22  # characters of a word that are shown in a table cell or beside a line


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


def alignment_table(pairs: pd.DataFrame, moved: Mapping[tuple[str, int], float] | None = None) -> str:
    """An HTML table of `viewer.data.training.alignment`: a row a layer, a column a step from one epoch to the next.

    What cannot be followed is marked by a sign and a word, with the figure of the layer's own vectors in its title.
    moved: how far the network moved in a layer after an epoch, as of `viewer.data.quality.moved`; a second row a layer.
    """
    if pairs.empty:
        return "<p class='empty'>There are no maps of two epochs to compare.</p>"
    steps = list(dict.fromkeys(zip(pairs["epoch"], pairs["following"], strict=True)))
    heads = "".join(f"<th scope='col'>{first} → {then}</th>" for first, then in steps)
    rows = []
    for title, layer in pairs.groupby("title", sort=False):
        of = {row["epoch"]: row for row in layer.to_dict("records")}
        cells = "".join(share(of[first]) if first in of else "<td></td>" for first, _ in steps)
        name = f"<th scope='row'>{escape(str(title))}</th>"
        if not moved:
            rows.append(f"<tr>{name}{cells}</tr>")
            continue
        network = "".join(network_moved(moved.get((str(layer["layer"].iloc[0]), first))) for first, _ in steps)
        rows.append(f"<tr>{name}<th scope='row'>map moved</th>{cells}</tr>")
        rows.append(f"<tr><td></td><th scope='row'>network moved</th>{network}</tr>")
    what = "<td></td>" if moved else ""
    head = f"<thead><tr><th scope='col'>Epochs</th>{what}{heads}</tr></thead>"
    return sideways(f"<table>{head}<tbody>{''.join(rows)}</tbody></table>", "Movement from epoch to epoch", "across")


def share(row: dict[Any, Any]) -> str:
    """One residual as a table cell."""
    reason = "" if row["verdict"] == "good" else f" ⚠ {str(row['verdict']).split()[0]}"
    own = "not stored" if np.isnan(row["own"]) else f"{percent(row['own'])}"
    return f"<td title='the same of the vectors themselves: {own}'>{percent(row['residual'])}{reason}</td>"


def network_moved(moved: float | None) -> str:
    """How far the network moved as a table cell; an empty one where that is not stored."""
    return "<td></td>" if moved is None else f"<td title='1 - CKA: {moved:.3f}'>{percent(moved)}</td>"


def points_of(impact: float) -> str:
    """An impact in percentage points, with its sign."""
    return signed(100 * impact, 1)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def short(word: str) -> str:
    """A word of any length in a cell."""
    return word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"
