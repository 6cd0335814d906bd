"""Alignment against motions that are known and SciPy's Procrustes analysis."""

import numpy as np
import pytest
import scipy.spatial
from hypothesis import given
from hypothesis import strategies as st

from pipeline.explain.align import procrustes, upright

seeds = st.integers(0, 2**16)


def motion(random):
    """A random rotation, half of the time with a reflection, and a shift."""
    angle = random.uniform(0, 2 * np.pi)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return matrix @ np.diag([1, random.choice([-1, 1])]), random.normal(scale=5, size=2)


@given(seeds, st.integers(3, 30))
def test_a_rotation_a_reflection_and_a_shift_are_undone(seed, rows):
    random = np.random.default_rng(seed)
    target = random.normal(size=(rows, 2)) * [3, 1] + 7
    matrix, shift = motion(random)
    source = target @ matrix + shift
    found = procrustes(source, target)
    assert np.abs(found.apply(source) - target).max() < 1e-9
    np.testing.assert_allclose(found.matrix, matrix.T, atol=1e-9)
    assert found.residual < 1e-12


@given(seeds, st.integers(3, 30))
def test_the_residual_is_scipys_disparity(seed, rows):
    random = np.random.default_rng(seed)
    source, target = random.normal(size=(2, rows, 2))
    disparity = scipy.spatial.procrustes(target, source)[2]
    assert procrustes(source, target).residual == pytest.approx(disparity, abs=1e-12)


@given(seeds)
def test_no_other_motion_brings_a_cloud_nearer(seed):
    random = np.random.default_rng(seed)
    source, target = random.normal(size=(2, 12, 2))
    found = procrustes(source, target)
    least = ((found.apply(source) - target) ** 2).sum()
    for _ in range(20):
        matrix, _ = motion(random)
        moved = source @ matrix
        moved += target.mean(axis=0) - moved.mean(axis=0)
        assert ((moved - target) ** 2).sum() >= least - 1e-9
    np.testing.assert_allclose(found.matrix @ found.matrix.T, np.eye(2), atol=1e-12)


def test_sizes_are_kept():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    found = procrustes(square, 10 * square)
    np.testing.assert_allclose(found.apply(square), square + 4.5)
    assert found.residual == pytest.approx(0, abs=1e-12)


def test_a_cloud_that_is_one_point_is_laid_on_the_targets_centre():
    target = np.array([[0.0, 0], [2, 0], [4, 6]])
    found = procrustes(np.full((3, 2), 9.0), target)
    np.testing.assert_allclose(found.apply(np.full((3, 2), 9.0)), np.full((3, 2), 2.0))
    assert found.residual == 0


def two_classes(seed, rows=30):
    random = np.random.default_rng(seed)
    right = np.arange(rows) % 2 == 0
    coordinates = random.normal(size=(rows, 2)) + 2 * right[:, None]
    return coordinates, right, random.integers(1, 400, size=rows).astype(float), random


@given(seeds)
def test_the_class_lies_right_with_both_means_on_one_horizontal_line(seed):
    coordinates, right, up, _ = two_classes(seed)
    turned = upright(coordinates, right, up)
    picture = turned.apply(coordinates)
    mean, other = picture[right].mean(axis=0), picture[~right].mean(axis=0)
    assert mean[0] > other[0]
    assert mean[1] == pytest.approx(other[1], abs=1e-9)
    np.testing.assert_allclose(picture.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(
        scipy.spatial.distance.pdist(picture), scipy.spatial.distance.pdist(coordinates), atol=1e-9
    )
    assert np.isnan(turned.residual)


@pytest.mark.parametrize("mirror", [1, -1])
def test_the_ends_of_an_arch_point_down_whatever_the_lengths_say(mirror):
    x = np.linspace(-1, 1, 40)
    arch = np.stack([x, mirror * x**2], axis=1)
    picture = upright(arch, x > 0, np.where(np.abs(x) > 0.5, 9.0, 1.0)).apply(arch)
    np.testing.assert_allclose(picture, np.stack([x, (x**2).mean() - x**2], axis=1), atol=1e-12)


@pytest.mark.parametrize("mirror", [1, -1])
def test_long_examples_lie_up_on_a_map_that_is_no_arch(mirror):
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(-3, 3, 6), np.linspace(-1, 1, 5)))
    grid = np.stack([x, mirror * y], axis=1)
    picture = upright(grid, x > 0, 100 + 10 * y).apply(grid)
    np.testing.assert_allclose(picture, np.stack([x, y], axis=1), atol=1e-12)


@given(seeds)
def test_every_turned_or_mirrored_copy_of_a_map_gives_the_same_picture(seed):
    coordinates, right, up, random = two_classes(seed)
    matrix, shift = motion(random)
    copy = coordinates @ matrix + shift
    expected = upright(coordinates, right, up).apply(coordinates)
    np.testing.assert_allclose(upright(copy, right, up).apply(copy), expected, atol=1e-9)


def test_classes_with_the_same_mean_leave_the_map_finite_and_its_distances_as_they_are():
    cross = np.array([[1.0, 0], [-1, 0], [0, 2], [0, -2]])
    picture = upright(cross, np.array([True, True, False, False]), np.arange(4.0)).apply(cross)
    np.testing.assert_allclose(scipy.spatial.distance.pdist(picture), scipy.spatial.distance.pdist(cross))
