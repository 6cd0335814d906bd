"""Claim 6: where the balance of classes leans and where the impact goes, over one word and over many; the verdict."""

import numpy as np
import pytest
from scipy import stats

from pipeline.claims import intervals, neutral_words
from pipeline.claims.neutral_words import UNKNOWN, Word
from pipeline.claims.report import Claim, Estimate, Outcome, Table, Verdict
from pipeline.claims.words import written


def word(
    mean: float, known: bool = True, negative: int = 500, positive: int = 500, places: int = 400, name: str = "authors"
) -> Word:
    spread = np.linspace(-0.01, 0.01, places)
    return Word(name, known, negative, positive, 0.5, spread - spread.mean() + mean, np.linspace(0, 0.2, places))


SHARED = word(0.05, known=False, negative=400, positive=600, name=UNKNOWN)
NONE = np.array([])


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (word(0.05), None),  # no balance leans
        (word(0.05, positive=510), None),  # nor surely
        (word(0.05, positive=800), True),
        (word(-0.05, negative=800), True),
        (word(-0.05, positive=800), False),
        (word(0.05, negative=800), False),
        (word(0.0, positive=800), None),  # no direction
        (word(0.05, positive=800, places=1), None),  # of one place there is no interval
        (Word("authors", True, 50, 500, 0.5, NONE, NONE), None),
    ],
)
def test_two_signs(one: Word, expected: bool | None) -> None:
    assert one.agrees is expected


@pytest.mark.parametrize(
    ("one", "outcomes", "expected"),
    [
        (word(0.05, known=False, positive=800), ("yes", "yes", "yes"), "holds"),
        (word(0.05), ("yes", "no", "undecided"), "holds in part"),
        (word(0.05, negative=800), ("yes", "no", "no"), "holds in part"),
        (word(-0.05, negative=800), ("yes", "no", "yes"), "holds in part"),
        (word(-0.05, positive=800), ("yes", "no", "no"), "holds in part"),
        (word(0.0001, negative=800), ("no", "no", "no"), "does not hold"),
        (word(0.001, places=30), ("undecided", "no", "undecided"), "undecided"),
        (Word("authors", False, 0, 0, 0.5, NONE, NONE), ("not tested", "yes", "not tested"), "not tested"),
    ],
)
def test_verdicts(one: Word, outcomes: tuple[Outcome, ...], expected: Verdict) -> None:
    claim = neutral_words.judge([one, word(0.05), SHARED], 10)
    assert tuple(part.outcome for part in claim.parts) == outcomes
    assert claim.verdict == expected


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (word(0.05, negative=800), "points (4.9 to 5.1): neither of the two explains it."),
        (word(0.05), "neither of the two explains it, as far as so few reviews tell."),
        (word(0.05, known=False), "“Authors” is not in the vocabulary"),
        (word(0.05, known=False), ": it is unknown."),
        (word(0.05, positive=800), ": its balance of classes leans the same way."),
        (Word("authors", True, 3, 4, 0.5, NONE, NONE), "Not tested: no explained test review holds it."),
        (word(0.0), "not shown to carry an impact, and there is nothing to explain."),
    ],
)
def test_what_explains_the_papers_word(one: Word, said: str) -> None:
    reading = neutral_words.judge([one, SHARED], 10).reading.replace("+", "")
    assert said in reading


def test_numbers() -> None:
    one = word(-0.05, negative=60, positive=40)
    claim = neutral_words.judge([one, SHARED], 10)
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
    size, entries, towards = (part.found for part in claim.parts)
    assert size is not None
    assert size.value == pytest.approx(0.05)
    assert entries == Estimate(1)
    assert towards == intervals.share(60, 100), "its impact moves towards negative"
    assert "“Authors” is a known word; 100 training reviews hold it, 40.0 %" in claim.reading


def test_unknown_words_are_one_token_and_have_one_answer() -> None:
    """Whatever their own impacts are."""
    moscow = word(-0.02, known=False, negative=400, positive=600, name="moscow")
    rugby = word(0.0, known=False, negative=400, positive=600, name="rugby")
    claim = neutral_words.judge([word(0.05), moscow, rugby, SHARED], 10)
    assert [(row[1], row[8]) for row in claim.tables[0].rows[1:]] == [("no", "yes")] * 3


def over_all(claim: Claim) -> Table:
    (found,) = [table for table in claim.tables if table.title == "Whether the balance goes with the impact"]
    return found


def test_over_all_known_words() -> None:
    shares = [300, 400, 450, 600, 650, 700, 500]
    impacts = [-0.05, 0.03, -0.02, 0.04, -0.01, 0.06, 0.02]
    words = [
        word(impact, negative=1000 - positive, positive=positive, name=f"w{positive}")
        for positive, impact in zip(shares, impacts, strict=True)
    ]
    unsure = word(0.09, positive=900, places=1)  # without an interval: in neither number
    unknown = word(-0.09, known=False, positive=900)
    claim = neutral_words.judge([*words, unsure, unknown, SHARED], 10)
    agree, together = over_all(claim).rows
    # Of the six that lean, all but those of 400 and 650 go the same way.
    assert agree[1:3] == (6, written(intervals.share(4, 6), "percent"))
    correlation = float(stats.spearmanr(shares, impacts).statistic)
    assert together[1:3] == (7, written(intervals.rank_correlation(correlation, 7), "number"))
    assert (
        "Of the 6 known ones whose balance surely leans, it leans the way of the impact in 4: 66.7 %" in claim.reading
    )
    assert "Of the 10 words below 9 carry an impact." in claim.reading


def test_too_few_words_to_compare() -> None:
    claim = neutral_words.judge([word(0.05), SHARED], 10)
    assert [row[1] for row in over_all(claim).rows] == [0, 1]
    assert "known ones" not in claim.reading
    alike = [word(0.05)] * 6
    assert over_all(neutral_words.judge([*alike, SHARED], 10)).rows[1][2] == "\N{EN DASH}"
