"""Charts as the columns of the sources that they share: what travels to the browser. Arrays in, arrays out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from viewer.plots.maps import Chart

TRANSLUCENT = 0.55  # how opaque a right prediction is filled


def point_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """The columns of the shared source that change: x_, y_, c_olour, f_illed, says_ (class number), and
    p_, its probability."""
    columns: dict[str, Any] = {}
    for chart in charts:
        columns |= {
            f"x_{chart.key}": chart.xy[:, 0].astype(np.float32),
            f"y_{chart.key}": chart.xy[:, 1].astype(np.float32),
            f"c_{chart.key}": list(chart.colors),
            f"f_{chart.key}": np.where(chart.hollow, 0.0, TRANSLUCENT).astype(np.float32),
            f"says_{chart.key}": chart.predicted.astype(np.uint8),
            f"p_{chart.key}": chart.probability.astype(np.float32),
        }
    return columns


def neighbor_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """Row numbers (n_) and distances (d_) of the neighbours, k a review, one after the other."""
    columns: dict[str, Any] = {}
    longest = max(chart.neighbors.size for chart in charts)
    for chart in charts:
        assert chart.neighbors.size == longest, "columns of one source have one length"
        columns[f"n_{chart.key}"] = chart.neighbors.ravel().astype(np.int32)
        columns[f"d_{chart.key}"] = chart.distances.ravel().astype(np.float32)
    return columns


def sentence_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """One row where any chart has the user's sentence, else none. arrow_: to a sentence outside of the frame."""
    columns: dict[str, Any] = {}
    for chart in charts:
        found = [] if all(other.sentence is None for other in charts) else [chart.sentence]
        columns[f"x_{chart.key}"] = np.array([np.nan if one is None else one.x for one in found], np.float32)
        columns[f"y_{chart.key}"] = np.array([np.nan if one is None else one.y for one in found], np.float32)
        columns[f"f_{chart.key}"] = np.array([0.0 if one is None or one.unlike else 1.0 for one in found], np.float32)
        arrows = np.array([(np.nan,) * 5 if one is None else one.arrow for one in found], np.float32).reshape(-1, 5)
        for name, column in zip(("x0", "y0", "x1", "y1", "turn"), arrows.T, strict=True):
            columns[f"arrow_{name}_{chart.key}"] = column
    return columns


def trail_columns(charts: Sequence[Chart]) -> dict[str, Any]:
    """The paths of the selected reviews: a list of places each."""
    columns: dict[str, Any] = {}
    longest = max(len(chart.trails) for chart in charts)
    for chart in charts:
        paths = [*chart.trails, *[np.empty((0, 2))] * (longest - len(chart.trails))]
        columns[f"xs_{chart.key}"] = [path[:, 0].tolist() for path in paths]
        columns[f"ys_{chart.key}"] = [path[:, 1].tolist() for path in paths]
    return columns
