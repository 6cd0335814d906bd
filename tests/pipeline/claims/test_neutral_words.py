"""Claim 6: every cause of a word's impact, and the verdict."""

import numpy as np
import pytest
from scipy import stats

from pipeline.claims import neutral_words
from pipeline.claims.neutral_words import Word
from pipeline.claims.report import Estimate, Verdict


def word(mean: float, known: bool = True, negative: int = 500, positive: int = 500, places: int = 400) -> Word:
    spread = np.linspace(-0.01, 0.01, places)
    return Word("authors", known, negative, positive, 0.5, spread - spread.mean() + mean, np.linspace(0, 0.2, places))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (word(0.05), "neither"),
        (word(0.05, positive=800), "class imbalance"),
        (word(-0.05, negative=800), "class imbalance"),
        (word(-0.05, positive=800), "neither"),  # its classes would have it raise
        (word(0.05, positive=510), "neither"),  # no sure imbalance
        (word(0.05, known=False, negative=0, positive=0), "unknown token"),
        (word(0.0), "no impact"),
        (word(0.0001), "no impact"),
        (word(0.0, known=False), "no impact"),
        (word(0.05, places=1), "cannot be told"),
        (Word("authors", True, 5, 5, 0.5, np.array([]), np.array([])), "cannot be told"),
    ],
)
def test_causes(one: Word, expected: str) -> None:
    assert one.cause == expected
    assert expected in neutral_words.CAUSES


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (word(0.05), "holds"),
        (word(-0.05), "holds"),
        (word(0.0), "does not hold"),
        (word(0.001, places=30), "undecided"),
        (Word("authors", False, 0, 0, 0.5, np.array([]), np.array([])), "not tested"),
    ],
)
def test_verdicts(one: Word, expected: Verdict) -> None:
    assert neutral_words.judge([one, word(0.05)], 10).verdict == expected


def test_numbers() -> None:
    one = word(-0.05, negative=60, positive=40)
    claim = neutral_words.judge([one, word(0.0, known=False, negative=0, positive=0)], 10)
    row = claim.tables[0].rows[0]
    assert row[:4] == ("authors", "yes", 60, 40)
    share, impact, coloured = row[4], row[6], row[7]
    expected = stats.binomtest(40, 100).proportion_ci(method="wilson")
    assert isinstance(share, Estimate)
    assert (share.value, share.low, share.high) == pytest.approx((0.4, expected.low, expected.high))
    interval = stats.ttest_1samp(one.impacts, 0).confidence_interval()
    assert isinstance(impact, Estimate)
    assert (impact.low, impact.high) == pytest.approx((interval.low, interval.high))
    assert isinstance(coloured, Estimate)
    assert coloured.value == pytest.approx(0.5)
    assert claim.parts[0].found is not None
    assert claim.parts[0].found.value == pytest.approx(0.05)
    assert claim.tables[0].rows[1][:5] == ("authors", "no", 0, 0, None)
    assert "“Authors” is a known word; 100 training reviews hold it, 40.0 %" in claim.reading
    assert "no impact: 1" in claim.reading
