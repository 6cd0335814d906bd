"""Isomap: a map of vectors in two dimensions that keeps distances along the data, and the place of a new vector on it.

Tenenbaum, de Silva & Langford, Science 2000; with landmarks: de Silva & Tenenbaum, NIPS 2003; out of sample: Bengio et
al., NIPS 2003. The last two are one formula: see `projected`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh
from threadpoolctl import threadpool_limits

from pipeline.explain import graph
from pipeline.explain.neighbors import nearest, nearest_to, parts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEED = 0
EXACT = 5_000  # vectors up to which all are landmarks, if no number is named
LANDMARKS = 500  # beyond that
DENSE = 1_000  # landmarks up to which a solver for dense matrices is as fast
ROUNDING = 1e-12  # of the largest eigenvalue: an axis that small is none


@dataclass(frozen=True)
class Frame:
    """What places new vectors on a finished map, before alignment.

    vectors: (n, width) those on the map; edges: (n, n) the graph of their `neighbors` nearest, see graph.joined;
    landmarks: (m,) rows of those from which geodesics are measured; axes: (m, 2), offset: (2,) see `projected`.
    """

    vectors: Floats
    edges: csr_array
    neighbors: int
    landmarks: Ints
    axes: Floats
    offset: Floats


@dataclass(frozen=True)
class Map:
    """A finished map, before alignment.

    geodesics: (n, m) lengths of the shortest paths in the graph to the landmarks; coordinates: (n, 2), those of the
    landmarks are centred; components: connected components of the graph; of more than one, any two were joined by their
    nearest pair.
    """

    frame: Frame
    geodesics: Floats
    coordinates: Floats
    components: int


def landmarks(count: int, wanted: int | None) -> Ints:
    """The rows of `count` vectors that are landmarks, rising, drawn at random, the same for the same numbers.

    Without a wanted number all up to EXACT vectors, LANDMARKS of more.
    """
    wanted = wanted or (count if count <= EXACT else LANDMARKS)
    if wanted >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).permutation(count)[:wanted])


def fit(vectors: Floats, neighbors: int, wanted: int | None = None, near: tuple[Ints, Floats] | None = None) -> Map:
    """Lay (n, width) vectors out in two dimensions, the same at every call.

    wanted: how many landmarks, see `landmarks`; where all vectors are, this is Isomap, exactly. near: what `nearest`
    says of them and `neighbors`, if it is known. Where all vectors are identical, the map is one point.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    chosen = landmarks(len(vectors), wanted)
    edges, components = graph.joined(vectors, *(near or nearest(vectors, neighbors)))
    geodesics = graph.paths(edges, chosen)
    between = geodesics[chosen]
    with threadpool_limits(1):  # the last digits of a product depend on how many threads share it
        axes = scaling(scaled(between))
        offset = 0.5 * (between**2).mean(axis=0) @ axes
        coordinates = projected(geodesics, axes, offset)
    return Map(Frame(vectors, edges, neighbors, chosen, axes, offset), geodesics, coordinates, components)


def frame(vectors: Floats, edges: csr_array, neighbors: int, chosen: Ints, coordinates: Floats) -> Frame:
    """The frame of a map of which the (n, 2) coordinates are known, and not the geodesics.

    chosen: (m,) the rows of its landmarks. Where any point lies, and its geodesics, tell the offset.
    """
    axes = scaling(coordinates[chosen])
    known = graph.paths(edges, chosen[:1]).T[:, chosen]
    offset = coordinates[chosen[0]] - projected(known, axes, np.zeros(2))[0]
    return Frame(vectors, edges, neighbors, chosen, axes, offset)


def scaled(distances: Floats) -> Floats:
    """Classical scaling of (m, m) distances to (m, 2) centred coordinates: of the centred products of the points,
    B = -1/2 H D^2 H = V L V', the two largest axes, V L^(1/2).

    An axis that is mere rounding is 0 throughout. The largest coordinate on each axis is positive.
    """
    products = -0.5 * distances**2
    means = products.mean(axis=0)
    products += means.mean() - means - means[:, None]
    m = len(products)
    if m <= DENSE:
        values, axes = eigh(products, subset_by_index=[m - 2, m - 1])
    else:
        # From a fixed start: by default it is drawn at random, and the last digits with it.
        values, axes = eigsh(products, k=2, which="LA", v0=np.random.default_rng(SEED).uniform(-1, 1, m))
    order = np.argsort(-values)
    values, axes = values[order], axes[:, order]
    values = np.where(values > ROUNDING * max(values[0], 0), values, 0)
    largest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    coordinates: Floats = axes * np.sqrt(values) * np.sign(largest)
    return coordinates


def scaling(places: Floats) -> Floats:
    """(m, 2) axes of `projected` from the (m, 2) places x of the landmarks: x_a / |x_a|^2."""
    sizes = (places**2).sum(axis=0)
    axes: Floats = np.divide(places, sizes, out=np.zeros_like(places), where=sizes > 0)
    return axes


def projected(geodesics: Floats, axes: Floats, offset: Floats) -> Floats:
    """(n, 2) places of points by their (n, m) geodesics g to the landmarks: y_a = -1/2 x_a' g^2 / |x_a|^2 + offset_a.

    The offset is +1/2 x_a' means / |x_a|^2, with the means over the landmarks of their squared geodesics to each. So
    this is de Silva and Tenenbaum's -1/2 L^(-1/2) V' (g^2 - means), as the landmarks' axis x_a is sqrt(eigenvalue) *
    eigenvector. A landmark comes to lie at its own place.
    """
    found = np.empty((len(geodesics), 2))
    for rows in parts(len(geodesics), geodesics.shape[1]):
        found[rows] = -0.5 * geodesics[rows] ** 2 @ axes + offset
    return found


def place(on: Frame, new: Floats) -> Floats:
    """Where (q, width) new vectors lie on a finished map: (q, 2), before alignment."""
    found = np.empty((len(new), 2))
    for rows in parts(len(new), 2 * len(on.vectors)):
        found[rows] = place_beside(on, *nearest_to(new[rows], on.vectors, on.neighbors))
    return found


def place_beside(on: Frame, index: Ints, distance: Floats) -> Floats:
    """The same by the (q, k) nearest mapped vectors of each new one and the distances to them.

    The geodesic from a new vector to a landmark j is the least, over its nearest mapped vectors i, of
    d(new, i) + D(i, j): the shortest path of one that has come into the graph, without being on the way of others.
    """
    return projected(graph.paths_from_outside(on.edges, index, distance, on.landmarks), on.axes, on.offset)
