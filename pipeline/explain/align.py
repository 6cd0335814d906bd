"""Maps turned and mirrored to lie on one another: Isomap's own axes are arbitrary."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLEAR_ARCH = 0.4  # of a correlation; maps of trained layers on IMDB reach 0.4 to 0.9, others stay below


@dataclass(frozen=True)
class Alignment:
    """aligned = coordinates @ matrix + offset; matrix is a rotation, perhaps with a reflection.

    residual: how far the aligned map is from its target, 0 (same shape) to 1, free of scale (see `procrustes`);
    NaN where there was no target.
    """

    matrix: Floats
    offset: Floats
    residual: float

    def apply(self, coordinates: Floats) -> Floats:
        return coordinates @ self.matrix + self.offset


def procrustes(source: Floats, target: Floats) -> Alignment:
    """The rotation or reflection that brings (n, 2) `source` nearest to (n, 2) `target` in the least squares.

    Orthogonal Procrustes (Schönemann 1966): with centred A, B and A'B = U S V', the matrix is U V'. Sizes are kept.
    The residual is 1 - (sum of S)^2 / (|A|^2 |B|^2), the share of the target's variance that stays unexplained
    after the best rotation and scale; 0 for two single points.
    """
    centre_source, centre_target = source.mean(axis=0), target.mean(axis=0)
    a, b = source - centre_source, target - centre_target
    u, singular, vt = np.linalg.svd(a.T @ b)
    matrix = u @ vt
    size = float((a**2).sum() * (b**2).sum())
    residual = max(0.0, 1 - float(singular.sum()) ** 2 / size) if size > 0 else 0.0
    return Alignment(matrix, centre_target - centre_source @ matrix, residual)


def upright(coordinates: Floats, right: npt.NDArray[np.bool_], up: Floats) -> Alignment:
    """The orientation of a map that has no target, such that maps of different runs on the same examples look alike.

    coordinates: (n, 2); right: (n,) who belongs to the class that shall lie right: the means of the two groups come
    to lie on one horizontal line. up: (n,) numbers that do not depend on the network, such as lengths. An arch is
    mirrored so that its ends point down, any other map so that examples with large `up` lie up. Where the map neither
    is an arch nor correlates with `up`, the mirror image is as good, and runs may differ in it.
    """
    centre = coordinates.mean(axis=0)
    direction = coordinates[right].mean(axis=0) - coordinates[~right].mean(axis=0)
    length = np.linalg.norm(direction)
    x, y = direction / length if length > 0 else (1.0, 0.0)
    matrix = np.array([[x, -y], [y, x]])
    horizontal, vertical = ((coordinates - centre) @ matrix).T
    arch = correlation(-(horizontal**2), vertical)
    if (arch if abs(arch) >= CLEAR_ARCH else correlation(up, vertical)) < 0:
        matrix = matrix @ np.diag([1.0, -1.0])
    return Alignment(matrix, -centre @ matrix, float("nan"))


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's, 0 where either does not vary."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0
