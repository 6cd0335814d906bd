"""How faithful methods are over the epochs, with intervals: frames to HoloViews charts and an HTML table. No I/O."""

from html import escape

import holoviews as hv
import numpy as np
import pandas as pd
from bokeh.models import HoverTool, Span

from viewer.data.faithfulness import METHODS, REFERENCE, verdict
from viewer.plots.colors import Colors
from viewer.plots.lines import Line, curves
from viewer.plots.sideways import sideways

DASHES = {
    REFERENCE: "solid",
    "leave_one_out": "dashed",
    "integrated_gradients": "dotdash",
    "gradient_input": "dashdot",
    "random": "dotted",
}
TITLES = {  # {measure: (in a table, along an axis, factor)}
    "normalized_comprehensiveness": ("comprehensiveness", "Comprehensiveness (more is better)", 1),
    "normalized_sufficiency": ("sufficiency", "Sufficiency (less is better)", 1),
    "hybrid_hit": ("hybrid documents", "Right class in hybrid documents (%)", 100),
}
SIGNS = {"better": "▲", "worse": "▼", "no clear difference": "≈"}


def method_curves(frame: pd.DataFrame, measure: str, colors: Colors, now: Span | None = None) -> hv.Overlay:
    """One measure over the epochs, a line a method, on bars of 95 %; `frame` as `viewer.data.faithfulness` has it."""
    of = frame[frame["measure"] == measure]
    _, label, factor = TITLES[measure]
    lines = [
        Line(METHODS[method], color(method, colors), DASHES[method], points(of[of["method"] == method], factor))
        for method in METHODS
        if (of["method"] == method).any()
    ]
    if not lines:
        return curves(lines, label, colors, now)
    reach = factor * of[["low", "high"]].to_numpy(np.float64).ravel()
    return curves(lines, label, colors, now, behind=[intervals(of, factor, colors)], reach=reach.tolist())


def color(method: str, colors: Colors) -> str:
    if method == REFERENCE:
        return colors.text
    if method == "random":
        return colors.muted
    return colors.categories[list(METHODS).index(method) - 1]


def points(frame: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Columns epoch and value, by epoch."""
    values = pd.DataFrame({"epoch": frame["epoch"].to_numpy(), "value": frame["value"].to_numpy() * factor})
    return values.sort_values("epoch", ignore_index=True)


def intervals(frame: pd.DataFrame, factor: float, colors: Colors) -> hv.Segments:
    """An upright bar from the lower to the upper end of every interval, which says its numbers when pointed at."""
    bars = pd.DataFrame(
        {
            "x0": frame["epoch"],
            "y0": frame["low"] * factor,
            "x1": frame["epoch"],
            "y1": frame["high"] * factor,
            "color": [color(method, colors) for method in frame["method"]],
            "method": frame["method"].map(METHODS),
            "value": frame["value"] * factor,
            "examples": frame["examples"],
        }
    )
    told = [("method", "@method"), ("epoch", "@x0"), ("mean", "@value{0.000} of @examples")]
    hover = HoverTool(tooltips=[*told, ("95 % interval", "@y0{0.000} to @y1{0.000}")])
    return hv.Segments(bars, ["x0", "y0", "x1", "y1"], ["color", "method", "value", "examples"]).opts(
        color="color", line_width=6, alpha=0.4, tools=[hover], backend="bokeh"
    )


def methods_table(frame: pd.DataFrame, epoch: int) -> str:
    """An HTML table of one epoch: a row a method, a column a measure, with intervals, and what the paired difference to
    prefix impact says, in a sign and in words."""
    now = frame[frame["epoch"] == epoch]
    measures = [measure for measure in TITLES if (now["measure"] == measure).any()]
    cells = {(row["method"], row["measure"]): cell(row) for row in now.to_dict("records")}
    heads = "".join(f"<th scope='col'>{TITLES[measure][0].capitalize()}</th>" for measure in measures)
    rows = "".join(
        f"<tr><th scope='row'>{escape(name.capitalize())}</th>"
        + "".join(cells.get((method, measure), "<td></td>") for measure in measures)
        + "</tr>"
        for method, name in METHODS.items()
        if (now["method"] == method).any()
    )
    head = f"<thead><tr><th scope='col'>Epoch {epoch}</th>{heads}</tr></thead>"
    return sideways(f"<table>{head}<tbody>{rows}</tbody></table>", f"Faithfulness at epoch {epoch}")


def cell(row: dict[str, object]) -> str:
    """One method by one measure: mean, interval, and how it stands to prefix impact."""
    measure = str(row["measure"])
    factor = TITLES[measure][2]
    number = ("{:.0f}" if factor == 100 else "{:.2f}").format
    value, low, high = (number(factor * float(str(row[name]))) for name in ("value", "low", "high"))
    said = ""
    if row["method"] != REFERENCE:
        word = verdict(measure, float(str(row["difference_low"])), float(str(row["difference_high"])))
        said = f"<br><span class='muted'>{SIGNS[word]} {word}</span>"
    return f"<td>{value} <span class='muted'>({low} to {high})</span>{said}</td>"
