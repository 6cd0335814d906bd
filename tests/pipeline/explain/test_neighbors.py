"""Nearest neighbours against scikit-learn and a plain loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from pipeline.explain.neighbors import nearest, nearest_to


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


def test_neighbours_and_distances_are_those_of_scikit_learn():
    vectors = cloud(50, 4)
    distances, indices = NearestNeighbors(n_neighbors=6).fit(vectors).kneighbors()
    found, lengths = nearest(vectors, 6)
    np.testing.assert_array_equal(found, indices)
    np.testing.assert_allclose(lengths, distances, atol=1e-12)


def test_neighbours_of_new_vectors_are_those_of_scikit_learn():
    vectors, new = cloud(50, 4), cloud(9, 4, seed=1)
    distances, indices = NearestNeighbors(n_neighbors=6).fit(vectors).kneighbors(new)
    found, lengths = nearest_to(new, vectors, 6)
    np.testing.assert_array_equal(found, indices)
    np.testing.assert_allclose(lengths, distances, atol=1e-12)


@given(st.lists(st.integers(0, 4), min_size=4, max_size=12))
def test_ties_go_to_the_earlier_row_and_no_point_is_its_own_neighbour(places):
    vectors = np.array(places, dtype=float)[:, None]  # few places, so many ties and duplicates
    found, lengths = nearest(vectors, 3)
    for row, place in enumerate(places):
        ranked = sorted((abs(place - other), number) for number, other in enumerate(places) if number != row)
        assert list(zip(lengths[row], found[row], strict=True)) == ranked[:3]


def test_a_vector_that_is_mapped_already_is_its_own_nearest_among_the_mapped():
    vectors = cloud(10, 3)
    found, lengths = nearest_to(vectors, vectors, 2)
    assert found[:, 0].tolist() == list(range(10))
    assert lengths[:, 0].tolist() == [0.0] * 10


def test_duplicates_list_each_other_at_distance_zero():
    found, lengths = nearest(np.array([[1.0, 2.0], [5.0, 5.0], [1.0, 2.0], [1.0, 2.0]]), 2)
    assert found[[0, 2, 3]].tolist() == [[2, 3], [0, 3], [0, 2]]
    assert (lengths[[0, 2, 3]] == 0).all()
