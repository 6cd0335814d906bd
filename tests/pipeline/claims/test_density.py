"""Claim 7 to every verdict."""

import pytest

from pipeline.claims import density, intervals
from pipeline.claims.density import Step
from pipeline.claims.report import Verdict


def steps(first: float, second: float, reviews: int = 500) -> list[Step]:
    return [
        Step(epoch, *layers, value, reviews)
        for layers, last in ((("embedding", "lstm"), first), (("lstm", "dense"), second))
        for epoch, value in ((0, 0.1), (10, last))
    ]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(0.7, 0.9, "holds"), (0.2, 0.9, "holds in part"), (0.5, 0.51, "undecided"), (0.2, 0.3, "does not hold")],
)
def test_verdicts(first: float, second: float, expected: Verdict) -> None:
    assert density.judge(steps(first, second)).verdict == expected


def test_few_reviews_decide_less() -> None:
    assert density.judge(steps(0.7, 0.7, 12)).verdict == "undecided"


def test_numbers() -> None:
    claim = density.judge(steps(0.7, 0.9))
    found = {value: intervals.rank_correlation(value, 500) for value in (0.1, 0.7, 0.9)}
    assert claim.tables[0].rows == ((0, found[0.1], found[0.1]), (10, found[0.7], found[0.9]))
    assert [curve.points for curve in claim.charts[0].curves] == [((0, 0.1), (10, 0.7)), ((0, 0.1), (10, 0.9))]
    assert "from word vectors to LSTM state" in claim.reading


def test_without_densities_it_is_not_tested() -> None:
    claim = density.judge([])
    assert (claim.verdict, claim.tables, claim.charts) == ("not tested", (), ())
    assert "build its maps again" in claim.reading
