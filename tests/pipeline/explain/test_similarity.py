"""Similarity of layers against closed forms, invariances and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from pipeline.explain.neighbors import nearest
from pipeline.explain.similarity import density_correlation, linear_cka

seeds = st.integers(0, 2**16)


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


def by_examples(x, y):
    """Linear CKA by its other definition: HSIC of the (n, n) products of examples, centred by H."""
    n = len(x)
    centre = np.eye(n) - 1 / n

    def hsic(a, b):
        return np.trace(a @ a.T @ centre @ b @ b.T @ centre)

    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_cka_is_the_normalised_hsic_of_the_products_of_examples(seed, width, other):
    x, y = cloud(15, width, seed) + 3, cloud(15, other, seed + 1) - 5
    y[:, 0] += 2 * x[:, 0]
    assert linear_cka(x, y) == pytest.approx(by_examples(x, y), abs=1e-9)
    assert linear_cka(x, y) == pytest.approx(linear_cka(y, x), abs=1e-12)
    assert 0 <= linear_cka(x, y) <= 1


@given(seeds)
def test_cka_of_two_single_units_is_their_squared_correlation(seed):
    x, y = cloud(20, 1, seed), cloud(20, 1, seed + 1)
    assert linear_cka(x, y) == pytest.approx(np.corrcoef(x[:, 0], y[:, 0])[0, 1] ** 2, abs=1e-12)


def test_cka_by_hand():
    x = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])  # X'X = diag(2, 2)
    y = x * [1, 3]  # Y'Y = diag(2, 18), Y'X = diag(2, 6)
    assert linear_cka(x, y) == pytest.approx((4 + 36) / (np.sqrt(8) * np.sqrt(4 + 324)))
    assert linear_cka(x[:, :1], x[:, 1:]) == 0


@given(seeds)
def test_turning_mirroring_moving_and_scaling_leave_cka_at_one(seed):
    x = cloud(20, 4, seed)
    turn = np.linalg.qr(cloud(6, 4, seed + 1))[0].T  # into six units
    assert linear_cka(x, 0.01 * x @ turn + 7) == pytest.approx(1, abs=1e-12)
    assert linear_cka(x, x[:, ::-1]) == pytest.approx(1, abs=1e-12)
    assert linear_cka(x, x * [1, 1, 1, 30]) < 0.9  # another scale for one unit is another layer


def test_a_dead_layer_is_not_comparable():
    x = cloud(20, 4)
    for dead in (np.zeros((20, 3)), np.full((20, 3), 0.1)):
        assert np.isnan(linear_cka(x, dead))
        assert np.isnan(linear_cka(dead, x))
        assert np.isnan(density_correlation(nearest(x, 3)[1], nearest(dead, 3)[1]))


@given(seeds, st.integers(1, 8))
def test_the_correlation_of_densities_is_spearmans(seed, k):
    x, y = cloud(25, 3, seed), cloud(25, 5, seed + 1)
    one, other = nearest(x, k)[1], nearest(y, k)[1]
    expected = spearmanr(1 / one.mean(axis=1), 1 / other.mean(axis=1)).statistic
    assert density_correlation(one, other) == pytest.approx(expected, abs=1e-12)


def test_who_lies_dense_in_one_layer_and_loose_in_the_other():
    places = np.array([[0.0], [1], [3], [6], [10], [15]])
    dense = nearest(places, 2)[1]
    assert density_correlation(dense, 100 * dense) == pytest.approx(1)
    assert density_correlation(dense, 1 / dense) < -0.9


def test_identical_vectors_are_the_densest_and_share_a_rank():
    x, y = cloud(12, 3), cloud(12, 3, seed=1)
    x[:4] = x[0]  # at distance 0 from their three nearest: infinitely dense
    one, other = nearest(x, 3)[1], nearest(y, 3)[1]
    finite = np.where(one.mean(axis=1) == 0, 1e-9, one.mean(axis=1))
    assert density_correlation(one, other) == pytest.approx(spearmanr(1 / finite, 1 / other.mean(axis=1)).statistic)
