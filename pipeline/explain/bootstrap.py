"""Confidence intervals of means, by drawing the examples again and again with replacement (Efron's percentiles)."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000
TAILS = (2.5, 97.5)  # percentiles: an interval of 95 %


def weights(count: int, random: np.random.Generator) -> Floats:
    """(RESAMPLES, count) how often each of `count` examples is drawn, the same for whatever is compared."""
    return random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)


def intervals(values: Floats, drawn: Floats) -> tuple[Floats, Floats, Floats]:
    """Means of (n, columns) values over the examples, and their lower and upper ends: (columns,) each.

    NaN is no value and left out; a column of nothing else has NaN for all three.
    """
    there = ~np.isnan(values)
    counted = drawn @ there
    with np.errstate(invalid="ignore"):
        means = drawn @ np.where(there, values, 0) / counted
        mean = np.where(there, values, 0).sum(axis=0) / there.sum(axis=0)
    low, high = np.full((2, values.shape[1]), np.nan)
    some = there.any(axis=0)
    low[some], high[some] = np.nanpercentile(means[:, some], TAILS, axis=0)
    return mean, low, high
