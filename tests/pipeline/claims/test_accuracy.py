"""Claim 1 to every verdict, and its numbers."""

import pytest
from scipy import stats

from pipeline.claims import accuracy
from pipeline.claims.report import Estimate, Verdict


@pytest.mark.parametrize(
    ("right", "expected"), [(86, "undecided"), (860, "holds"), (700, "does not hold"), (795, "undecided")]
)
def test_verdicts(right: int, expected: Verdict) -> None:
    of = 100 if right == 86 else 1000  # of a hundred, even 86 are not surely more than 80 in 100
    assert accuracy.judge({0: (of // 2, of), 10: (right, of)}, 10).verdict == expected


def test_numbers_and_the_epoch_that_reaches_the_papers_share() -> None:
    claim = accuracy.judge({10: (861, 1000), 0: (500, 1000), 4: (805, 1000)}, 10)
    assert [row[:3] for row in claim.tables[0].rows] == [(0, 500, 1000), (4, 805, 1000), (10, 861, 1000)]
    interval = stats.binomtest(861, 1000).proportion_ci(method="wilson")
    cell = claim.tables[0].rows[2][3]
    assert isinstance(cell, Estimate)
    assert (cell.value, cell.low, cell.high) == pytest.approx((0.861, interval.low, interval.high))
    assert "At epoch 10 the network is right on 86.1 % (83.8 to 88.1) of 1,000" in claim.reading
    assert "Epoch 4 is the first" in claim.reading
    assert "is the first" not in accuracy.judge({0: (500, 1000)}, 0).reading


def test_an_earlier_epoch_does_not_stand_in_for_the_last() -> None:
    claim = accuracy.judge({0: (500, 1000), 4: (900, 1000)}, 10)
    assert claim.verdict == "not tested"
    assert "no predictions of epoch 10" in claim.reading
    assert len(claim.tables[0].rows) == 2
