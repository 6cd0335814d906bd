"""How far a map can be believed: does it keep who is near whom, and how far apart?

The measures of nearness take the (n, k) rows of who is nearest to each example on the map and in the layer: see
neighbors.nearest. That of distances takes those along the data: see graph.paths.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from pipeline.explain.neighbors import parts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST = 5_000  # examples on which a whole map is judged: ranks take the distances between any two
SEED = 0
PART = 4_000_000  # distances held at a time


def judged(count: int) -> Ints:
    """The rows of `count` examples on which a map is judged, rising: all up to MOST, else MOST drawn at random.

    The same for the same count, so that all maps of a run are judged on the same examples.
    """
    if count <= MOST:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).permutation(count)[:MOST])


def kept(in_layer: Ints, on_map: Ints) -> Floats:
    """(n,) share of each point's k nearest on the map that are among its k nearest in the layer, 0 to 1."""
    shared: Floats = (in_layer[:, :, None] == on_map[:, None, :]).any(axis=1).mean(axis=1)
    return shared


def trustworthiness(vectors: Floats, on_map: Ints) -> float:
    """1 where every near pair on the map is near in the layer (Venna & Kaski 2001).

    1 - 2 / (n k (2n - 3k - 1)) * the sum, over each point's k nearest on the map, of how far the rank of each in the
    layer is beyond k. Of equally near ones in the layer, all have the best of their ranks.
    """
    n, k = on_map.shape
    at_once, beyond = max(1, PART // n), 0
    for start in range(0, n, at_once):
        rows = np.arange(start, min(n, start + at_once))
        distances = cdist(vectors[rows], vectors)
        to_near = np.take_along_axis(distances, on_map[rows], axis=1)
        distances[np.arange(len(rows)), rows] = np.inf  # nobody is near itself
        distances.sort(axis=1)
        ranks = [np.searchsorted(row, near) + 1 for row, near in zip(distances, to_near, strict=True)]
        beyond += int(np.maximum(0, np.array(ranks) - k).sum())
    return float(1 - 2 * beyond / (n * k * (2 * n - 3 * k - 1)))


def continuity(coordinates: Floats, in_layer: Ints) -> float:
    """1 where every near pair in the layer is near on the map (the two spaces exchanged)."""
    return trustworthiness(coordinates, in_layer)


def neighborhood_hit(on_map: Ints, labels: Ints) -> float:
    """Mean share of the k nearest on the map that have the same label."""
    return float((labels[on_map] == labels[:, None]).mean())


def residual_variance(coordinates: Floats, geodesics: Floats, landmarks: Ints, rows: Ints | None = None) -> float:
    """1 - r^2 between geodesics and distances on a map (Tenenbaum et al. 2000); NaN where all points are one.

    coordinates: (n, 2), the map's, however it was drawn; geodesics: (n, m) lengths of the shortest paths to the (m,)
    landmarks. Over all pairs of one of these `rows` (all, if none are given) and another point that is a landmark: over
    all pairs of points, where all are both.
    """
    rows = np.arange(len(coordinates)) if rows is None else rows
    count, total, moments = 0, np.zeros(2), np.zeros((2, 2))
    for pairs in measured(coordinates, geodesics, landmarks, rows):
        count, total = count + pairs.shape[1], total + pairs.sum(axis=1)
    for pairs in measured(coordinates, geodesics, landmarks, rows):
        pairs -= (total / count)[:, None]
        moments += pairs @ pairs.T
    if not moments.diagonal().all():
        return float("nan")
    return float(1 - moments[0, 1] ** 2 / moments[0, 0] / moments[1, 1])


def measured(coordinates: Floats, geodesics: Floats, landmarks: Ints, rows: Ints) -> Iterator[Floats]:
    """(2, pairs) geodesics and distances on the map from `rows` to the landmarks other than themselves, in parts."""
    for some in parts(len(rows), len(landmarks)):
        others = rows[some][:, None] != landmarks
        on_map = cdist(coordinates[rows[some]], coordinates[landmarks])
        yield np.stack([geodesics[rows[some]][others], on_map[others]])
