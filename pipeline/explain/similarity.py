"""How alike two layers treat the same examples, whatever their units: of one layer at two epochs, or of two layers."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from pipeline.explain.align import correlation

Floats = npt.NDArray[np.float64]


def linear_cka(one: Floats, other: Floats) -> float:
    """Linear CKA (Kornblith et al. 2019, section 3) of (n, width) and (n, other width) vectors of the same examples.

    ||Y'X||^2 / (||X'X|| ||Y'Y||) of the centred vectors, Frobenius norms: 1 where one is the other turned, mirrored,
    moved or scaled, 0 where no unit of one goes with any of the other. NaN where all vectors of a layer are one.
    """
    x, y = one - one.mean(axis=0), other - other.mean(axis=0)
    size = float(np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    if is_one_point(one) or is_one_point(other) or size == 0:
        return float("nan")
    return min(1.0, float(np.linalg.norm(y.T @ x) ** 2 / size))  # rounding can go beyond


def density_correlation(one: Floats, other: Floats) -> float:
    """Spearman's correlation of the local density around each example in two layers, -1 to 1.

    one, other: (n, k) distances to the k nearest in each layer. The density is the inverse of their mean; its ranks are
    those of the mean turned round, so identical vectors, infinitely dense, need no special case. Equal densities share
    a rank. NaN where all examples are equally dense in a layer.
    """
    ranks = [rankdata(-distances.mean(axis=1)) for distances in (one, other)]
    if any(np.ptp(of_layer) == 0 for of_layer in ranks):
        return float("nan")
    return correlation(*ranks)


def is_one_point(vectors: Floats) -> bool:
    """Whether a layer is dead: it has the same vector for all examples."""
    return not np.ptp(vectors, axis=0).any()
