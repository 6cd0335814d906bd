"""Measures of a map against their formulas written out in loops."""

import numpy as np
import pytest
import sklearn.manifold
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.stats import pearsonr

from pipeline.explain.neighbors import nearest
from pipeline.explain.quality import (
    MOST,
    continuity,
    judged,
    kept,
    neighborhood_hit,
    residual_variance,
    trustworthiness,
)

seeds = st.integers(0, 2**16)


def trust(vectors, coordinates, k):
    return trustworthiness(vectors, nearest(coordinates, k)[0])


def continued(vectors, coordinates, k):
    return continuity(coordinates, nearest(vectors, k)[0])


def share_kept(vectors, coordinates, k):
    return kept(nearest(vectors, k)[0], nearest(coordinates, k)[0]).tolist()


def hit(coordinates, labels, k):
    return neighborhood_hit(nearest(coordinates, k)[0], labels)


def ranked(points, row):
    """All other rows, nearest first."""
    distance = [sum((a - b) ** 2 for a, b in zip(points[row], other, strict=True)) for other in points]
    return sorted((number for number in range(len(points)) if number != row), key=distance.__getitem__)


def faith(space, near_in, k):
    """1 - 2 / (n k (2n - 3k - 1)) * sum of max(0, rank in `space` - k) over the k nearest in `near_in`."""
    n, penalty = len(space), 0
    for row in range(n):
        order = ranked(space, row)
        penalty += sum(max(0, order.index(other) + 1 - k) for other in ranked(near_in, row)[:k])
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty


@given(seeds, st.integers(1, 5))
def test_trust_and_continuity_follow_their_formula(seed, k):
    random = np.random.default_rng(seed)
    vectors, coordinates = random.normal(size=(14, 5)), random.normal(size=(14, 2))
    coordinates += vectors[:, :2]
    assert trust(vectors, coordinates, k) == pytest.approx(faith(vectors, coordinates, k), abs=1e-12)
    assert continued(vectors, coordinates, k) == pytest.approx(faith(coordinates, vectors, k), abs=1e-12)


@given(seeds, st.integers(1, 8))
def test_trust_is_that_of_scikit_learn(seed, k):
    random = np.random.default_rng(seed)
    vectors, coordinates = random.normal(size=(30, 5)), random.normal(size=(30, 2))
    expected = sklearn.manifold.trustworthiness(vectors, coordinates, n_neighbors=k)
    assert trust(vectors, coordinates, k) == pytest.approx(expected, abs=1e-12)


def test_who_is_equally_near_in_the_layer_is_trusted():
    vectors = np.repeat([[0.0], [1.0]], 10, axis=0)  # each has nine others at its own place: any three of them will do
    apart = np.arange(20.0)[:, None] * [1, 0]
    assert trust(vectors, apart, 3) > trust(vectors, apart[np.r_[0:20:2, 1:20:2]], 3)
    assert trust(vectors, np.concatenate([apart[:10], apart[10:] + 50]), 3) == 1
    assert trust(np.zeros((20, 3)), apart, 3) == 1


def test_a_map_is_judged_on_all_examples_or_on_a_fixed_sample_of_them():
    assert judged(MOST).tolist() == list(range(MOST))
    some = judged(MOST + 1_000)
    assert len(some) == MOST == len(set(some.tolist()))
    assert (np.diff(some) > 0).all()
    assert some[-1] > MOST
    assert some.tolist() == judged(MOST + 1_000).tolist()


def test_judged_in_parts_or_at_once_is_the_same(monkeypatch):
    random = np.random.default_rng(0)
    vectors, on_map = random.normal(size=(40, 5)), nearest(random.normal(size=(40, 2)), 6)[0]
    whole = trustworthiness(vectors, on_map)
    monkeypatch.setattr("pipeline.explain.quality.PART", 7 * 40)
    assert trustworthiness(vectors, on_map) == whole < 1


def test_a_map_torn_apart_is_trusted_more_than_it_is_continuous():
    circle = np.stack([np.cos(np.arange(20) * np.pi / 10), np.sin(np.arange(20) * np.pi / 10)], axis=1)
    line = np.stack([np.arange(20) * 1.0, np.zeros(20)], axis=1) + 1e-3 * circle
    assert trust(circle, line, 4) > 0.98
    assert continued(circle, line, 4) < 0.95


@given(seeds)
def test_a_faithful_map_has_full_marks(seed):
    points = np.random.default_rng(seed).normal(size=(15, 2))
    assert trust(points, 3 * points[:, ::-1], 4) == 1
    assert continued(points, 3 * points[:, ::-1], 4) == 1
    assert share_kept(points, 3 * points[:, ::-1], 4) == [1.0] * 15


# On a line: 0 1 2 . . 5 6 . . . . 11, and the same points on a map that moves the last one beside the first.
VECTORS = np.array([[0.0], [1.1], [2.0], [5.0], [6.2], [11.0]])
MAP = np.array([[0.0, 0.0], [1.1, 0.0], [2.0, 0.0], [5.0, 0.0], [6.2, 0.0], [-0.5, 0.0]])


def test_kept_neighbours_by_hand():
    # two nearest in the layer: 12 02 10 42 32 43; on the map: 51 20 10 42 32 01
    assert share_kept(VECTORS, MAP, 2) == [0.5, 1.0, 1.0, 1.0, 1.0, 0.0]


@given(seeds, st.integers(1, 6))
def test_kept_neighbours_are_those_near_in_both_spaces(seed, k):
    random = np.random.default_rng(seed)
    vectors, coordinates = random.normal(size=(14, 5)), random.normal(size=(14, 2))
    both = [set(ranked(vectors, row)[:k]) & set(ranked(coordinates, row)[:k]) for row in range(14)]
    assert share_kept(vectors, coordinates, k) == [len(shared) / k for shared in both]


def test_the_hit_of_the_neighbourhood_by_hand():
    # two nearest on the map: 51 20 10 42 32 01
    labels = np.array([0, 0, 0, 1, 1, 1])
    same = [1, 2, 2, 1, 1, 0]
    assert hit(MAP, labels, 2) == pytest.approx(sum(same) / 12)
    assert hit(MAP, np.zeros(6, dtype=np.int64), 2) == 1


def drawn_and_measured(seed=0):
    """(50, 2) places on a map, and the (50, 50) distances of the same points in space that the map flattens."""
    space = np.random.default_rng(seed).normal(size=(50, 4))
    return space[:, :2], cdist(space, space)


def test_residual_variance_is_one_minus_the_squared_correlation():
    places, distances = drawn_and_measured()
    r = pearsonr(pdist(places), squareform(distances, checks=False)).statistic
    found = residual_variance(places, distances, np.arange(50))
    assert found == pytest.approx(1 - r**2, abs=1e-12)
    assert found > 0.1
    assert residual_variance(3 * places[:, ::-1] + 1, distances, np.arange(50)) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("rows", [None, [0, 3, 7, 8, 30, 31, 49]])
@pytest.mark.parametrize("part", [4_000_000, 30])
def test_residual_variance_by_landmarks_is_that_of_the_pairs_with_one(rows, part, monkeypatch):
    monkeypatch.setattr("pipeline.explain.neighbors.PART", part)
    places, distances = drawn_and_measured()
    landmarks = np.array([2, 3, 11, 30, 48])
    pairs = [(i, j) for i in (range(50) if rows is None else rows) for j in landmarks if i != j]
    on_map = [np.hypot(*(places[i] - places[j])) for i, j in pairs]
    r = pearsonr([distances[pair] for pair in pairs], on_map).statistic
    some = None if rows is None else np.array(rows)
    assert residual_variance(places, distances[:, landmarks], landmarks, some) == pytest.approx(1 - r**2, abs=1e-12)


def test_one_point_leaves_no_variance_to_explain():
    places, distances = drawn_and_measured()
    assert np.isnan(residual_variance(np.zeros((50, 2)), distances, np.arange(50)))
    assert np.isnan(residual_variance(places, np.zeros((50, 50)), np.arange(50)))
