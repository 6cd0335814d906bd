"""The graph of nearest vectors and the shortest paths in it: distances along the data."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial.distance import cdist

from pipeline.explain.neighbors import parts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AT_ONCE = 64  # landmarks whose paths are searched before they are put in their place


def joined(vectors: Floats, index: Ints, distance: Floats) -> tuple[csr_array, int]:
    """The graph whose edges are the (n, k) nearest of each vector, and the number of its connected components.

    Both ways of an edge are there, once. Of more than one component, any two are joined by the edge between the two
    vectors, one of each, that are nearest to one another.
    """
    n, k = index.shape
    one, other, length = np.repeat(np.arange(n), k), index.ravel(), distance.ravel()
    count, member = connected_components(csr_array((np.ones(n * k, bool), (one, other)), (n, n)), directed=False)
    if count > 1:
        bridges = [np.concatenate(pair) for pair in zip((one, other, length), shortest(vectors, member), strict=True)]
        one, other, length = bridges
    ends = np.stack([np.concatenate([one, other]), np.concatenate([other, one])])
    # An edge of length 0, between equal vectors, is an edge: entries are placed, not added up, and none is dropped.
    _, first = np.unique(ends[0] * n + ends[1], return_index=True)
    rows = np.concatenate([[0], np.cumsum(np.bincount(ends[0][first], minlength=n))])
    return csr_array((np.tile(length, 2)[first], ends[1][first], rows), (n, n)), int(count)


def shortest(vectors: Floats, member: Ints) -> tuple[Ints, Ints, Floats]:
    """For any two components, the nearest pair of vectors: rows of one end, of the other, and their distances.

    member: (n,) number of each vector's component. Distances within the largest component are never computed.
    """
    sizes = np.bincount(member)
    order = np.argsort(member, kind="stable")
    starts = np.cumsum(sizes) - sizes
    small = order[member[order] != sizes.argmax()]
    length = np.full((len(sizes), len(sizes)), np.inf)
    ends = np.zeros((len(sizes), len(sizes), 2), np.int64)
    for some in parts(len(small), len(vectors)):
        distances = cdist(vectors[small[some]], vectors[order])
        nearest = np.minimum.reduceat(distances, starts, axis=1)  # of every component, to each of these vectors
        for row, near, away in zip(small[some], nearest, distances, strict=True):
            here = member[row]
            for there in np.flatnonzero(near < length[here]):
                part = away[starts[there] : starts[there] + sizes[there]]
                length[here, there] = near[there]
                ends[here, there] = row, order[starts[there] + part.argmin()]
    mirrored = length > length.T  # seen from the other side alone: the largest component's vectors were not asked
    length = np.where(mirrored, length.T, length)
    ends = np.where(mirrored[..., None], ends.transpose(1, 0, 2)[..., ::-1], ends)
    pairs = np.triu_indices(len(sizes), k=1)
    return ends[pairs][:, 0], ends[pairs][:, 1], length[pairs]


def paths(graph: csr_array, landmarks: Ints) -> Floats:
    """(n, m) lengths of the shortest paths between every vector of the graph and each of m landmarks among them."""
    lengths = np.empty((graph.shape[0], len(landmarks)))
    for start in range(0, len(landmarks), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        lengths[:, some] = dijkstra(graph, directed=True, indices=landmarks[some]).T
    return lengths


def paths_from_outside(graph: csr_array, index: Ints, distance: Floats, landmarks: Ints) -> Floats:
    """(q, m) lengths of the shortest paths from q vectors outside of the graph to m landmarks in it.

    index, distance: (q, k) the vectors in the graph that each is joined to. The ways lead in and not out again: none of
    them is nearer to another for it.
    """
    (n, _), (q, k) = graph.shape, index.shape
    larger = csr_array(
        (
            np.concatenate([graph.data, distance.ravel()]),
            np.concatenate([graph.indices, index.ravel()]),
            np.concatenate([graph.indptr, graph.indptr[-1] + k * np.arange(1, q + 1)]),
        ),
        (n + q, n + q),
    )
    lengths: Floats = dijkstra(larger, directed=True, indices=np.arange(n, n + q))[:, landmarks]
    return lengths
