"""Intervals against SciPy's own, and by simulation where it has none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipeline.claims import intervals

seeds = st.integers(0, 2**16)


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_has_wilsons_interval(count: int, of: int) -> None:
    count = min(count, of)
    found = intervals.share(count, of)
    expected = stats.binomtest(count, of).proportion_ci(method="wilson")
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((count / of, expected.low, expected.high), abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_of_nothing_there_is_no_share_and_no_mean() -> None:
    assert intervals.share(0, 0) is None
    assert intervals.mean(np.array([])) is None
    alone = intervals.mean(np.array([0.3]))
    assert alone is not None
    assert (alone.value, alone.low, alone.high) == (0.3, None, None)


@given(seeds, st.integers(2, 40))
def test_a_mean_has_students_interval(seed: int, n: int) -> None:
    values = np.random.default_rng(seed).normal(1, 3, n)
    found, expected = intervals.mean(values), stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@given(seeds)
def test_a_difference_has_welchs_interval(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.normal(0, 1, 3), random.normal(0.5, 4, 5)
    found = intervals.difference(one, other)
    expected = stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.value == pytest.approx(other.mean() - one.mean())


def test_a_difference_of_constants_is_itself() -> None:
    found = intervals.difference(np.full(3, 0.5), np.full(3, 0.75))
    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("strength", [0.0, 0.7])
def test_the_interval_of_a_rank_correlation_covers_it(strength: float) -> None:
    """Of 1,000 samples of 60 some 950 intervals hold the true correlation, (6 / pi) asin(r / 2) of normal pairs."""
    random, n = np.random.default_rng(1), 60
    x = random.normal(size=(1000, n))
    y = strength * x + np.sqrt(1 - strength**2) * random.normal(size=(1000, n))
    true = 6 / np.pi * np.arcsin(strength / 2)
    found = [intervals.rank_correlation(float(r), n) for r in intervals.correlations(x, y)]
    covered = sum(each.low is not None and each.high is not None and each.low <= true <= each.high for each in found)
    assert 930 <= covered <= 970


def test_the_interval_of_a_rank_correlation_by_hand() -> None:
    found = intervals.rank_correlation(0.5, 103)  # z = 0.5493, its deviation sqrt(1.125 / 100) = 0.1061
    assert found.low == pytest.approx(np.tanh(0.549306 - 1.959964 * 0.106066), abs=1e-6)
    assert found.high == pytest.approx(np.tanh(0.549306 + 1.959964 * 0.106066), abs=1e-6)
    assert intervals.rank_correlation(0.5, 3).low is None
    assert intervals.rank_correlation(1.0, 50).low == 1.0


@given(seeds)
def test_a_bootstrapped_correlation_is_spearmans(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = random.integers(0, 9, 30).astype(float)  # with ties
    y = x + random.normal(0, 3, 30)
    found = intervals.bootstrapped_correlation(x, y, 200)
    assert found is not None
    assert found.value == pytest.approx(stats.spearmanr(x, y).statistic)
    assert found == intervals.bootstrapped_correlation(x, y, 200)
    drawn = np.random.default_rng(0).integers(30, size=(200, 30))
    each = [stats.spearmanr(x[rows], y[rows]).statistic for rows in drawn]
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(each, [2.5, 97.5])))


def test_what_is_constant_has_no_correlation() -> None:
    assert intervals.bootstrapped_correlation(np.ones(9), np.arange(9.0)) is None
    assert intervals.bootstrapped_correlation(np.arange(9.0), np.ones(9)) is None


def test_drawn_in_parts_or_at_once_the_interval_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 40))
    whole = intervals.bootstrapped_correlation(x, y, 100)
    monkeypatch.setattr("pipeline.explain.neighbors.PART", 7 * 40)
    assert intervals.bootstrapped_correlation(x, y, 100) == whole
