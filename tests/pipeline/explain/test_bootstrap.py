"""Intervals of means against SciPy's bootstrap and against drawing one example after the other."""

import numpy as np
from scipy.stats import bootstrap as scipys

from pipeline.explain import bootstrap


def test_intervals_are_those_of_scipy():
    random = np.random.default_rng(0)
    values = random.exponential(size=(300, 2))
    mean, low, high = bootstrap.intervals(values, bootstrap.weights(300, random))
    np.testing.assert_allclose(mean, values.mean(0))
    for column in (0, 1):
        theirs = scipys((values[:, column],), np.mean, method="percentile", n_resamples=20_000, rng=1)
        interval = theirs.confidence_interval
        np.testing.assert_allclose([low[column], high[column]], [interval.low, interval.high], atol=0.01)


def test_what_has_no_value_is_left_out():
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    drawn = np.array([[2.0, 0, 1], [0, 3, 0], [0, 0, 3], [1, 1, 1]])
    mean, low, high = bootstrap.intervals(values, drawn)
    assert mean[0] == 2
    assert np.isnan([mean[1], low[1], high[1]]).all()
    np.testing.assert_allclose([low[0], high[0]], np.percentile([1, 3, 2], bootstrap.TAILS))


def test_draws_are_seeded_and_of_the_same_number():
    one, other = (bootstrap.weights(7, np.random.default_rng(3)) for _ in range(2))
    assert one.shape == (bootstrap.RESAMPLES, 7)
    assert (one == other).all()
    assert (one.sum(1) == 7).all()
