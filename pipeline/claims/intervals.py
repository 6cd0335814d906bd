"""95 % intervals, each by its textbook formula."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from pipeline.claims.report import Estimate
from pipeline.explain.neighbors import parts

NORMAL = 1.959963984540054  # standard deviations on either side that hold 95 % of a normal distribution
RESAMPLES = 1000

Floats = npt.NDArray[np.float64]


def share(count: float, of: int) -> Estimate | None:
    """A share with Wilson's interval (Wilson 1927); None of nothing. `count` may be a share times `of`."""
    if not of:
        return None
    p, z2 = count / of, NORMAL**2
    center = (p + z2 / (2 * of)) / (1 + z2 / of)
    reach = NORMAL / (1 + z2 / of) * np.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    # At a share of none or all one end is the share itself, but for rounding.
    return Estimate(p, min(p, max(0.0, center - reach)), max(p, min(1.0, center + reach)))


def mean(values: Floats) -> Estimate | None:
    """A mean with Student's interval; without one where there is a single value, None of no value."""
    if not len(values):
        return None
    center = float(np.mean(values))
    if len(values) == 1:
        return Estimate(center)
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return Estimate(center, center - reach, center + reach)


def difference(one: Floats, other: Floats) -> Estimate:
    """Mean of `other` minus mean of `one`, two samples of at least two, with Welch's interval (Welch 1947)."""
    center = float(np.mean(other) - np.mean(one))
    variances = np.array([np.var(each, ddof=1) / len(each) for each in (one, other)])
    total = float(variances.sum())
    if total == 0:
        return Estimate(center, center, center)
    freedom = total**2 / float((variances**2 / [len(one) - 1, len(other) - 1]).sum())
    reach = float(stats.t.ppf(0.975, freedom) * np.sqrt(total))
    return Estimate(center, center - reach, center + reach)


def rank_correlation(r: float, n: int) -> Estimate:
    """A Spearman correlation of n pairs with the interval of Bonett & Wright (2000): Fisher's z, variance
    (1 + r^2 / 2) / (n - 3). Without one for fewer than four pairs; at 1 or -1 it is the number itself."""
    if n <= 3 or abs(r) >= 1:
        return Estimate(r, *((None, None) if n <= 3 else (r, r)))
    reach = NORMAL * np.sqrt((1 + r**2 / 2) / (n - 3))
    return Estimate(r, float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach)))


def bootstrapped_correlation(x: Floats, y: Floats, resamples: int = RESAMPLES) -> Estimate | None:
    """Spearman correlation of (n,) pairs with the percentile bootstrap's interval (Efron 1979); the same every time.

    None where one of the two is constant.
    """
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    random = np.random.default_rng(0)
    found = []
    for rows in parts(resamples, len(x)):
        drawn = random.integers(len(x), size=(len(rows), len(x)))
        found.append(correlations(x[drawn], y[drawn]))
    low, high = np.nanpercentile(np.concatenate(found), [2.5, 97.5])
    return Estimate(float(correlations(x[None], y[None])[0]), float(low), float(high))


def correlations(x: Floats, y: Floats) -> Floats:
    """(m, n) pairs to (m,) Spearman correlations; NaN where a row is constant."""
    centered = [
        ranks - ranks.mean(axis=1, keepdims=True) for ranks in (stats.rankdata(each, axis=1) for each in (x, y))
    ]
    sizes = np.sqrt((centered[0] ** 2).sum(axis=1) * (centered[1] ** 2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        found: Floats = (centered[0] * centered[1]).sum(axis=1) / sizes
    return found
