"""The answer to a question in SQL as a simple chart, and as cells that are text. Frames in, HoloViews out."""

from math import isfinite
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the renderer
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from viewer.plots.colors import Colors
from viewer.plots.lines import dressed

HEIGHT = 300  # pixels
MOST_BARS = 40
LONGEST_CELL = 300  # characters
LONGEST_LABEL = 24
DIGITS = 8  # of a number on the screen: as many as 32 bits hold


def numeric(frame: pd.DataFrame) -> list[str]:
    """The columns that hold numbers."""
    return [name for name in frame.columns if is_numeric_dtype(frame[name]) and not is_bool_dtype(frame[name])]


def axes(frame: pd.DataFrame) -> tuple[str | None, str | None]:
    """A first choice: the epoch or the first column across, the last column of numbers up."""
    numbers = numeric(frame)
    if frame.empty or not numbers:
        return (str(frame.columns[0]) if len(frame.columns) else None), None
    x = "epoch" if "epoch" in frame.columns and len(numbers) > 1 else str(frame.columns[0])
    return x, next((name for name in reversed(numbers) if name != x), numbers[-1])


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with lists, maps and long texts as short texts and numbers without their noise, for the screen."""
    return frame.map(cell)


def cell(value: Any) -> Any:
    if isinstance(value, float):
        return value if value.is_integer() or not isfinite(value) else float(f"{value:.{DIGITS}g}")
    return value if isinstance(value, int | bool) or value is None else short(str(value))


def short(text: str, most: int = LONGEST_CELL) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def left_out(frame: pd.DataFrame, kind: str, x: str, y: str) -> str:
    """What bars do not show, in a sentence; empty if they show all."""
    rows = frame[[x, y]].dropna()
    drawn = min(rows[x].nunique(), MOST_BARS)
    if kind != "bars" or drawn == len(rows):
        return ""
    return f"{drawn} bars for {len(rows):,} rows: the first row of each value across, at most {MOST_BARS}."


def chart(frame: pd.DataFrame, kind: str, x: str, y: str, colors: Colors) -> hv.Element:
    """Column `y`, numbers, over column `x`: "bars" (the first 40 rows), "line" or "points"."""
    data = pd.DataFrame({"x": frame[x], "y": pd.to_numeric(frame[y], errors="coerce")}).dropna()
    if kind == "bars" or not is_numeric_dtype(data["x"]):
        data = data.assign(x=[short(str(value), LONGEST_LABEL) for value in data["x"]])
    look: dict[str, Any] = {
        "responsive": True, "height": HEIGHT, "xlabel": x, "ylabel": y, "toolbar": None, "default_tools": [],
        "hooks": [dressed(colors)], "color": colors.accent, "tools": ["hover"], "backend": "bokeh",
    }  # fmt: skip
    if kind == "bars":
        first = data.drop_duplicates("x").head(MOST_BARS)
        return hv.Bars(first, "x", "y").opts(line_color=None, xrotation=45 if len(first) > 8 else 0, **look)
    if kind == "line":
        return hv.Curve(data, "x", "y").opts(line_width=2, **look)
    return hv.Scatter(data, "x", "y").opts(size=6, alpha=0.7, **look)
