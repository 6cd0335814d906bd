"""Isomap: a map of vectors in two dimensions that keeps distances along the data, and the place of a new vector on it.

Tenenbaum, de Silva & Langford, Science 2000; out of sample: Bengio et al., NIPS 2003.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components
from sklearn.manifold import Isomap
from sklearn.neighbors import kneighbors_graph

from pipeline.explain.neighbors import nearest_to

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Map:
    """A finished map, before alignment.

    vectors: (n, width) in the layer; geodesics: (n, n) shortest paths in the graph of `neighbors` nearest vectors;
    coordinates: (n, 2), centred; components: connected components of that graph (of more than one, scikit-learn
    joined the nearest pairs).
    """

    vectors: Floats
    geodesics: Floats
    coordinates: Floats
    neighbors: int
    components: int


def fit(vectors: Floats, neighbors: int) -> Map:
    """Lay (n, width) vectors out in two dimensions by scikit-learn's Isomap, the same at every call.

    Identical vectors get the same place up to rounding; where all are identical the map is one point.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    if not np.ptp(vectors, axis=0).any():  # a dead layer; scikit-learn would lay out its rounding errors
        n = len(vectors)
        return Map(vectors, np.zeros((n, n)), np.zeros((n, 2)), neighbors, components=1)
    with warnings.catch_warnings():
        # More than one component is not hidden: it is counted in `components`.
        warnings.filterwarnings("ignore", "The number of connected components")
        warnings.filterwarnings("ignore", "Changing the sparsity structure")
        # "dense": the default starts ARPACK at random and differs from fit to fit.
        model = Isomap(n_neighbors=neighbors, n_components=2, eigen_solver="dense")
        coordinates = model.fit_transform(vectors)
    graph = kneighbors_graph(vectors, neighbors, mode="connectivity")
    components = int(connected_components(graph, directed=False)[0])
    return Map(vectors, model.dist_matrix_, np.nan_to_num(coordinates), neighbors, components)


def place(fitted: Map, new: Floats) -> Floats:
    """Where (m, width) new vectors lie on a finished map: (m, 2), before alignment.

    The geodesic from a new vector to j is the least, over its nearest mapped vectors i, of d(new, i) + D(i, j);
    its coordinate on axis a is half the mean-free product of the squared geodesics with that axis, divided by the
    axis' eigenvalue: y_a = -1/2 x_a' (g^2 - mean_j D^2) / |x_a|^2, as x_a = sqrt(eigenvalue) * eigenvector.
    """
    index, distance = nearest_to(np.asarray(new, dtype=np.float64), fitted.vectors, fitted.neighbors)
    geodesics = (distance[:, :, None] + fitted.geodesics[index]).min(axis=1)
    squared = geodesics**2 - (fitted.geodesics**2).mean(axis=0)
    eigenvalues = (fitted.coordinates**2).sum(axis=0)
    axes = np.divide(fitted.coordinates, eigenvalues, out=np.zeros_like(fitted.coordinates), where=eigenvalues > 0)
    coordinates: Floats = -0.5 * squared @ axes
    return coordinates


def residual_variance(fitted: Map) -> float:
    """1 - r^2 between geodesics and distances on the map (Tenenbaum et al. 2000); NaN where all points are one."""
    upper = np.triu_indices(len(fitted.geodesics), k=1)
    from_map = np.linalg.norm(fitted.coordinates[upper[0]] - fitted.coordinates[upper[1]], axis=1)
    geodesic = fitted.geodesics[upper]
    if geodesic.std() == 0 or from_map.std() == 0:
        return float("nan")
    return float(1 - np.corrcoef(geodesic, from_map)[0, 1] ** 2)
