"""Measures of a map against their formulas written out in loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.explain.quality import continuity, kept, neighborhood_hit, trust

seeds = st.integers(0, 2**16)


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
    assert continuity(vectors, coordinates, k) == pytest.approx(faith(coordinates, vectors, k), abs=1e-12)


def test_a_map_torn_apart_is_trusted_more_than_it_is_continuous():
    circle = np.stack([np.cos(np.arange(20) * np.pi / 10), np.sin(np.arange(20) * np.pi / 10)], axis=1)
    line = np.stack([np.arange(20) * 1.0, np.zeros(20)], axis=1) + 1e-3 * circle
    assert trust(circle, line, 4) > 0.98
    assert continuity(circle, line, 4) < 0.95


@given(seeds)
def test_a_faithful_map_has_full_marks(seed):
    points = np.random.default_rng(seed).normal(size=(15, 2))
    assert trust(points, 3 * points[:, ::-1], 4) == 1
    assert continuity(points, 3 * points[:, ::-1], 4) == 1
    assert kept(points, 3 * points[:, ::-1], 4).tolist() == [1.0] * 15


# On a line: 0 1 2 . . 5 6 . . . . 11, and the same points on a map that moves the last one beside the first.
VECTORS = np.array([[0.0], [1.1], [2.0], [5.0], [6.2], [11.0]])
MAP = np.array([[0.0, 0.0], [1.1, 0.0], [2.0, 0.0], [5.0, 0.0], [6.2, 0.0], [-0.5, 0.0]])


def test_kept_neighbours_by_hand():
    # two nearest in the layer: 12 02 10 42 32 43; on the map: 51 20 10 42 32 01
    assert kept(VECTORS, MAP, 2).tolist() == [0.5, 1.0, 1.0, 1.0, 1.0, 0.0]


@given(seeds, st.integers(1, 6))
def test_kept_neighbours_are_those_near_in_both_spaces(seed, k):
    random = np.random.default_rng(seed)
    vectors, coordinates = random.normal(size=(14, 5)), random.normal(size=(14, 2))
    both = [set(ranked(vectors, row)[:k]) & set(ranked(coordinates, row)[:k]) for row in range(14)]
    assert kept(vectors, coordinates, k).tolist() == [len(shared) / k for shared in both]


def test_the_hit_of_the_neighbourhood_by_hand():
    # two nearest on the map: 51 20 10 42 32 01
    labels = np.array([0, 0, 0, 1, 1, 1])
    same = [1, 2, 2, 1, 1, 0]
    assert neighborhood_hit(MAP, labels, 2) == pytest.approx(sum(same) / 12)
    assert neighborhood_hit(MAP, np.zeros(6, dtype=np.int64), 2) == 1
