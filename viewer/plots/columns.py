"""Charts as the columns of the sources that they share: what travels to the browser. Arrays in, arrays out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from viewer.plots.maps import Chart, Sentence

Uints = npt.NDArray[np.uint32]

PART = ("x", "y", "f", "turn", "arrow_x0", "arrow_y0", "arrow_x1", "arrow_y1")  # of the sentence, by chart
TRANSLUCENT = 0.55  # how opaque a right prediction is filled


def point_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """The columns of the shared source that change: x_, y_ of each chart; of each group of charts c_olour, f_illed,
    s_, the number of the class that is said, and p_, its probability. Typed arrays throughout: some 8 bytes a point
    and chart."""
    columns: dict[str, Any] = {}
    for chart in charts:
        columns[f"x_{chart.key}"] = chart.xy[:, 0].astype(np.float32)
        columns[f"y_{chart.key}"] = chart.xy[:, 1].astype(np.float32)
    for chart in {chart.group: chart for chart in charts}.values():
        columns |= {
            f"c_{chart.group}": packed(chart.colors),
            f"f_{chart.group}": np.where(chart.hollow, 0.0, TRANSLUCENT).astype(np.float32),
            f"s_{chart.group}": chart.predicted.astype(np.uint8),
            f"p_{chart.group}": chart.probability.astype(np.float32),
        }
    return columns


def packed(colors: Sequence[str]) -> Uints:
    """#rrggbb colours as Bokeh takes them in an array: 0xRRGGBBAA, opaque."""
    numbers = {color: int(color.removeprefix("#") + "ff", 16) for color in set(colors)}
    return np.array([numbers[color] for color in colors], np.uint32)


def fixed_columns(reviews: pd.DataFrame, classes: Sequence[str], texts: bool) -> dict[str, Any]:
    """What does not change: the example, the number of its label; and if `texts` its id, its words and its snippet."""
    numbers = {name: number for number, name in enumerate(classes)}
    columns: dict[str, Any] = {
        "example": reviews["example"].to_numpy(np.int32),
        "label": reviews["label"].map(numbers).to_numpy(np.uint8),
    }
    return columns | text_columns(reviews) if texts else columns


def text_columns(reviews: pd.DataFrame) -> dict[str, Any]:
    """What is told of reviews in words."""
    return {
        "id": reviews["id"].tolist(),
        "words": reviews["original_length"].to_numpy(np.int32),
        "snippet": reviews["snippet"].tolist(),
    }


def neighbor_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """Row numbers (n_) and distances (d_) of the neighbours, k a review, one after the other."""
    columns: dict[str, Any] = {}
    longest = max(chart.neighbors.size for chart in charts)
    for chart in charts:
        assert chart.neighbors.size == longest, "columns of one source have one length"
        columns[f"n_{chart.key}"] = chart.neighbors.ravel().astype(np.int32)
        columns[f"d_{chart.key}"] = chart.distances.ravel().astype(np.float32)
    return columns


def sentence_columns(charts: Sequence[Chart], looks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A row for each of `looks` ({kind: {column: value}}) where any chart has the user's sentence, else none.

    x_, y_: where that part lies, NaN where there is none; f_illed; turn_: of the arrow's head; arrow_: its shaft to a
    sentence outside of the frame, in the row of the head.
    """
    rows = [] if all(chart.sentence is None for chart in charts) else [*looks]
    columns: dict[str, Any] = {"kind": np.array(rows, object)}
    for name in next(iter(looks.values())):
        columns[name] = np.array([looks[kind][name] for kind in rows], object)
    for chart in charts:
        parts = np.array([sentence_part(chart.sentence, kind) for kind in rows], np.float32).reshape(-1, len(PART))
        for name, column in zip(PART, parts.T, strict=True):
            columns[f"{name}_{chart.key}"] = column
    return columns


def sentence_part(sentence: Sentence | None, kind: str) -> tuple[float, ...]:
    """The values of PART of one part of a sentence."""
    if sentence is None:
        return (np.nan,) * len(PART)
    if kind == "head":
        x0, y0, x1, y1, turn = sentence.arrow
        return x1, y1, 1.0, turn, x0, y0, x1, y1
    filled = 0.0 if kind == "diamond" and sentence.unlike else 1.0
    return sentence.x, sentence.y, filled, 0.0, *(np.nan,) * 4


def badly_rows(charts: Sequence[Chart]) -> dict[str, list[int]]:
    """{key of a chart: the rows of the points that it marks as badly placed}."""
    return {
        chart.key: [] if chart.badly is None else np.flatnonzero(chart.badly & ~np.isnan(chart.xy[:, 0])).tolist()
        for chart in charts
    }
