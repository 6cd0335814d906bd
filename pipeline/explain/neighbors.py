"""Nearest neighbours in a layer's own space, by true distances."""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def nearest(vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """The k nearest other rows of each row, nearest first; of equally near ones the earlier row.

    vectors: (n, width). Returns indices (n, k) and Euclidean distances (n, k).
    """
    distances = cdist(vectors, vectors)
    np.fill_diagonal(distances, np.inf)
    return smallest(distances, k)


def nearest_to(new: Floats, vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """The k rows of `vectors` (n, width) nearest to each row of `new` (m, width): indices and distances (m, k)."""
    return smallest(cdist(new, vectors), k)


def smallest(distances: Floats, k: int) -> tuple[Ints, Floats]:
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, axis=1)
