"""How far a map can be believed: does it keep who is near whom?"""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness

from pipeline.explain.neighbors import nearest

Floats = npt.NDArray[np.float64]


def kept(vectors: Floats, coordinates: Floats, k: int) -> Floats:
    """(n,) share of each point's k nearest on the map that are among its k nearest in the layer, 0 to 1."""
    in_layer, _ = nearest(vectors, k)
    on_map, _ = nearest(coordinates, k)
    return np.array([len(np.intersect1d(a, b)) / k for a, b in zip(in_layer, on_map, strict=True)])


def trust(vectors: Floats, coordinates: Floats, k: int) -> float:
    """Trustworthiness: 1 where every near pair on the map is near in the layer (Venna & Kaski 2001)."""
    return float(trustworthiness(cdist(vectors, vectors), coordinates, n_neighbors=k, metric="precomputed"))


def continuity(vectors: Floats, coordinates: Floats, k: int) -> float:
    """Continuity: 1 where every near pair in the layer is near on the map (the two spaces exchanged)."""
    return trust(coordinates, vectors, k)


def neighborhood_hit(coordinates: Floats, labels: npt.NDArray[np.int64], k: int) -> float:
    """Mean share of the k nearest on the map that have the same label."""
    index, _ = nearest(coordinates, k)
    return float((labels[index] == labels[:, None]).mean())
