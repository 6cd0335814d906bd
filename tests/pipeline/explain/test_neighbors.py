"""Nearest neighbours against scikit-learn and a plain loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from pipeline.explain import neighbors
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


def all_distances(vectors, k):
    """The k nearest by sorting every distance, the earlier row first."""
    n = len(vectors)
    index = [
        sorted(set(range(n)) - {row}, key=lambda other, row=row: (np.linalg.norm(vectors[row] - vectors[other]), other))
        for row in range(n)
    ]
    return np.array(index)[:, :k]


@pytest.mark.parametrize("held", [300, 4_000_000])
@pytest.mark.parametrize("width", [3, 40])  # scikit-learn searches a tree, or all products
@pytest.mark.parametrize("kind", ["cloud", "grid", "copies", "two places", "one place", "far away"])
def test_among_many_the_nearest_are_found_by_candidates(monkeypatch, kind, width, held):
    monkeypatch.setattr(neighbors, "FEW", 0)
    monkeypatch.setattr(neighbors, "PART", held)
    random = np.random.default_rng(0)
    vectors = {
        "cloud": random.normal(size=(60, width)),
        "grid": random.integers(0, 2, size=(60, width)) * 1.0,
        "copies": random.normal(size=(60, width))[np.r_[0:30, [4] * 20, [5] * 10]],
        "two places": np.arange(60)[:, None] % 2 * np.ones(width),
        "one place": np.full((60, width), 0.3),
        "far away": 1e6 + random.normal(size=(60, width)),
    }[kind]
    found, lengths = nearest(vectors, 5)
    np.testing.assert_array_equal(found, all_distances(vectors, 5))
    np.testing.assert_allclose(lengths, np.linalg.norm(vectors[found] - vectors[:, None], axis=2), rtol=1e-12)
