"""Nearest neighbours in a layer's own space, by true distances."""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEW = 1_000  # vectors whose distances are simply all computed
SPARE = 6  # candidates beside the k that are wanted
ROUNDING = 1e-12  # of the largest squared length: more than a product of matrices errs by
PART = 4_000_000  # numbers held at a time


def nearest(vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """The k nearest other rows of each row, nearest first; of equally near ones the earlier row.

    vectors: (n, width). Returns indices (n, k) and Euclidean distances (n, k). Never holds n x n numbers where n is
    large: scikit-learn then finds some more than k, fast and up to rounding, whose distances are computed anew; where
    these cannot be told from the rest, as of equal vectors, all distances are.
    """
    n = len(vectors)
    if n <= max(FEW, k + SPARE + 1):
        distances = cdist(vectors, vectors)
        np.fill_diagonal(distances, np.inf)
        return smallest(distances, k)
    centred = vectors - vectors.mean(axis=0)
    rough, candidates = NearestNeighbors(n_neighbors=k + SPARE).fit(centred).kneighbors()
    index, distance = np.empty((n, k), np.int64), np.empty((n, k))
    for rows in parts(n, candidates.shape[1] * vectors.shape[1]):
        found = np.sort(candidates[rows], axis=1)  # the earlier row first where distances are equal
        exact = np.linalg.norm(vectors[found] - vectors[rows, None], axis=2)
        order, distance[rows] = smallest(exact, k)
        index[rows] = np.take_along_axis(found, order, axis=1)
    slack = ROUNDING * (centred**2).sum(axis=1).max()
    doubtful = np.flatnonzero(distance[:, -1] ** 2 + slack >= rough[:, -1] ** 2)
    if len(doubtful):
        index[doubtful], distance[doubtful] = among_equals(vectors, doubtful, k)
    return index, distance


def among_equals(vectors: Floats, rows: Ints, k: int) -> tuple[Ints, Floats]:
    """The same for some rows, by all their distances; those of equal vectors are computed once."""
    different, which = np.unique(vectors[rows], axis=0, return_inverse=True)
    which = which.reshape(-1)
    index, distance = np.empty((len(rows), k), np.int64), np.empty((len(rows), k))
    for some in parts(len(different), len(vectors)):
        near, away = smallest(cdist(different[some], vectors), k + 1)  # among them perhaps the row itself
        for place in np.flatnonzero((which >= some[0]) & (which <= some[-1])):
            one = which[place] - some[0]
            others = np.flatnonzero(near[one] != rows[place])[:k]
            index[place], distance[place] = near[one, others], away[one, others]
    return index, distance


def nearest_to(new: Floats, vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """The k rows of `vectors` (n, width) nearest to each row of `new` (m, width): indices and distances (m, k)."""
    return smallest(cdist(new, vectors), k)


def smallest(distances: Floats, k: int) -> tuple[Ints, Floats]:
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)


def parts(count: int, width: int) -> list[Ints]:
    """The numbers 0 to count - 1 in parts, so that `width` numbers for each of a part are few enough to be held."""
    size = max(1, PART // max(1, width))
    return [np.arange(start, min(count, start + size)) for start in range(0, count, size)]
