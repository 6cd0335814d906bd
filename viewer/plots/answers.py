"""The answer to a question in SQL as a simple chart, and as cells that are text. Frames in, HoloViews out."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from math import isfinite
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the renderer
import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_numeric_dtype

from viewer.plots.colors import Colors
from viewer.plots.lines import dressed, shortened

HEIGHT = 300  # pixels
MOST_BARS = 40
LONGEST_CELL = 300  # characters
DIGITS, DECIMALS = 8, 6  # of a number on the screen: so many digits, or so many behind the point if these are more
EXACT = 2**53  # up to here every whole number is one in a browser, too


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
    made = {name: cells(frame[name]) for name in frame.columns}
    return pd.DataFrame(made, index=frame.index, columns=frame.columns)


def cells(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype == "Float32":  # with NULL among them
        column = column.astype(object).map(lambda value: value if value is pd.NA else rounded(value, single=True))
    if isinstance(column.dtype, np.dtype) and is_float_dtype(column.dtype):
        return column.map(partial(rounded, single=column.dtype == np.float32))
    return pd.Series([cell(value) for value in column.astype(object).where(column.notna(), None)], column.index, object)


def rounded(value: float, single: bool) -> float:
    """A number without the noise of its last digits; of a single one as many as tell it from all others."""
    if value.is_integer() or not isfinite(value):
        return value
    if single:
        return float(str(np.float32(value)))
    return round(value, DECIMALS) if abs(value) >= 10 ** (DIGITS - DECIMALS) else float(f"{value:.{DIGITS}g}")


def cell(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, float):
        return rounded(value, single=False)
    if isinstance(value, list | dict):
        return short(json.dumps(value, default=str, ensure_ascii=False))
    whole = isinstance(value, int | np.integer)  # true and false among them
    return value if whole and abs(int(value)) <= EXACT else short(str(value))


def short(text: str, most: int = LONGEST_CELL) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def points(frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Columns x and y of what can be drawn: the rows that have both, y as floats."""
    across, up = frame[x], pd.to_numeric(frame[y], errors="coerce").astype("Float64")
    found = pd.DataFrame({"x": across, "y": up}).dropna()
    return found.astype({"y": np.float64})


def labels(values: Iterable[Any]) -> list[str]:
    """A short name of each value; different values have different ones."""
    texts = [str(value) for value in values]
    found: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for text in dict.fromkeys(texts):
        name = shortened(text)
        taken[name] += 1
        found[text] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return [found[text] for text in texts]


def left_out(frame: pd.DataFrame, kind: str, x: str, y: str) -> str:
    """What bars do not show, in a sentence; empty if they show all."""
    if kind != "bars":
        return ""
    rows = points(frame, x, y)
    drawn = min(rows["x"].map(str).nunique(), MOST_BARS)
    if drawn == len(rows):
        return ""
    return f"{drawn} bars for {len(rows):,} rows: the first row of each value across, at most {MOST_BARS}."


def chart(frame: pd.DataFrame, kind: str, x: str, y: str, colors: Colors) -> hv.Element:
    """Column `y`, numbers, over column `x`: "bars" (the first 40 rows), "line" or "points"."""
    data = points(frame, x, y)
    if kind == "bars":
        data = data[~data["x"].map(str).duplicated()].head(MOST_BARS)
    if kind == "bars" or not is_numeric_dtype(data["x"]):
        data = data.assign(x=labels(data["x"]))
    look: dict[str, Any] = {
        "responsive": True, "height": HEIGHT, "xlabel": x, "ylabel": y, "toolbar": None, "default_tools": [],
        "hooks": [dressed(colors)], "color": colors.accent, "tools": ["hover"], "backend": "bokeh",
    }  # fmt: skip
    if kind == "bars":
        return hv.Bars(data, "x", "y").opts(line_color=None, xrotation=90 if len(data) > 8 else 0, **look)
    if kind == "line":
        return hv.Curve(data, "x", "y").opts(line_width=2, **look)
    return hv.Scatter(data, "x", "y").opts(size=6, alpha=0.7, **look)
