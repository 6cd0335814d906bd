"""Distances from a boundary: along a known line, without the measured point, free of scale and place."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipeline.explain.boundary import distances


def separated(n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points on either side of the line x + y = 0, and their true distance from it."""
    random = np.random.default_rng(3)
    across, along = random.uniform(-2, 2, n), random.normal(size=n)
    points = np.stack([across + along, across - along], axis=1) / np.sqrt(2)
    return points, across > 0, across


def test_distances_are_those_from_the_line_between_the_sides() -> None:
    points, sides, across = separated()
    found = distances(points, sides)
    assert found is not None
    assert np.corrcoef(found, across)[0, 1] > 0.998
    np.testing.assert_allclose(found, across, atol=0.25)
    assert ((found > 0) == sides).mean() > 0.97


def test_they_move_and_grow_with_the_points() -> None:
    points, sides, _ = separated()
    found, grown = distances(points, sides), distances(10 * points + 7, sides)
    assert found is not None
    assert grown is not None
    np.testing.assert_allclose(grown, 10 * found, rtol=1e-4, atol=1e-4)


def test_a_point_does_not_bend_its_own_boundary() -> None:
    """Cross-fitted: sides that have nothing to do with the points cannot be told, in however many dimensions."""
    random = np.random.default_rng(0)
    points, sides = random.normal(size=(60, 50)), np.arange(60) % 2 == 0
    found = distances(points, sides)
    assert found is not None
    assert 0.25 < ((found > 0) == sides).mean() < 0.75
    fitted = LogisticRegression(max_iter=1000).fit(points, sides)
    assert fitted.score(points, sides) > 0.9  # as it would be with the points themselves


@pytest.mark.parametrize("few", [0, 4])
def test_without_two_sides_there_is_no_boundary(few: int) -> None:
    points = np.random.default_rng(0).normal(size=(40, 3))
    assert distances(points, np.arange(40) < few) is None
    assert distances(points, np.arange(40) >= few) is None
    assert distances(np.ones((40, 3)), np.arange(40) < 20) is None
