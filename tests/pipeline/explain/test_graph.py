"""The graph of nearest vectors and its shortest paths against scikit-learn, NumPy and graphs drawn by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from sklearn.manifold import Isomap

from pipeline.explain import graph, neighbors
from pipeline.explain.neighbors import nearest

seeds = st.integers(0, 2**16)


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


def clusters(seed, groups=4):
    """Clusters of 8 to 20 vectors, mixed; the number of each one's cluster."""
    random = np.random.default_rng(seed)
    member = np.repeat(np.arange(groups), random.integers(8, 20, groups))
    random.shuffle(member)
    return random.normal(size=(len(member), 3)) + 40 * random.normal(size=(groups, 3))[member], member


def test_edges_lead_both_ways_to_the_nearest_and_are_as_long_as_they_are_far():
    vectors = cloud(40, 3)
    index, distance = nearest(vectors, 4)
    edges, components = graph.joined(vectors, index, distance)
    near = np.zeros((40, 40), bool)
    near[np.arange(40)[:, None], index] = True
    np.testing.assert_allclose(edges.toarray(), np.where(near | near.T, cdist(vectors, vectors), 0), atol=1e-12)
    assert components == 1


def test_equal_vectors_are_joined_by_edges_of_no_length():
    vectors = np.array([[0.0], [0.0], [1.0], [1.0], [2.0]])
    edges, components = graph.joined(vectors, *nearest(vectors, 2))
    assert components == 1
    assert edges.nnz == 2 * 7  # 0-1 0-2 1-2 2-3 0-3 2-4 3-4, both ways, two of them of length 0
    assert graph.paths(edges, np.arange(5)).tolist() == cdist(vectors, vectors).tolist()


@given(seeds)
def test_components_are_joined_as_scikit_learn_joins_them(seed):
    vectors, _ = clusters(seed)
    edges, components = graph.joined(vectors, *nearest(vectors, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are several, which is what is tried here
        expected = Isomap(n_neighbors=4, eigen_solver="dense").fit(vectors).dist_matrix_
    np.testing.assert_allclose(graph.paths(edges, np.arange(len(vectors))), expected, atol=1e-9)
    assert components >= 2


@given(seeds, st.sampled_from([50, 4_000_000]))
def test_any_two_components_have_the_shortest_bridge(seed, held):
    vectors, member = clusters(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "PART", held)
        found = list(zip(*graph.shortest(vectors, member), strict=True))
    distances = cdist(vectors, vectors)
    expected = {
        (here, there): distances[np.ix_(member == here, member == there)].min()
        for here in range(4)
        for there in range(here + 1, 4)
    }
    assert {(member[one], member[other]): length for one, other, length in found} == expected
    assert all(length == distances[one, other] for one, other, length in found)


def test_ways_from_outside_do_not_make_others_shorter():
    line = np.arange(5.0)[:, None] * [10.0, 0.0]
    edges, _ = graph.joined(line, *nearest(line, 2))
    # The first is beside both ends, so that the way through it would be the shorter one for the second.
    index, distance = np.array([[0, 4], [0, 1]]), np.array([[1.0, 1.0], [2.0, 9.0]])
    found = graph.paths_from_outside(edges, index, distance, np.array([0, 2, 4]))
    assert found.tolist() == [[1.0, 21.0, 1.0], [2.0, 19.0, 39.0]]


def test_paths_of_some_landmarks_are_those_columns_of_all():
    vectors = cloud(70, 3)
    edges, _ = graph.joined(vectors, *nearest(vectors, 4))
    every = graph.paths(edges, np.arange(70))
    np.testing.assert_allclose(every, every.T, atol=1e-12)
    assert np.array_equal(graph.paths(edges, np.array([3, 20, 69])), every[:, [3, 20, 69]])
    assert connected_components(edges)[0] == 1
