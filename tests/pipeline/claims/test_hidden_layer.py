"""Claim 4 to every verdict; both intervals against SciPy and an explicit loop."""

import numpy as np
import pytest
from scipy import stats

from pipeline.claims import hidden_layer
from pipeline.claims.hidden_layer import Right
from pipeline.claims.report import Verdict

REVIEWS = 4000


def runs(accuracies: list[float]) -> Right:
    """{seed: which reviews are right}; the easiest first, but for a few that differ from seed to seed."""
    random = np.random.default_rng(0)
    found = {}
    for seed, share in enumerate(accuracies, 1):
        right = np.arange(REVIEWS) < round(share * REVIEWS)
        swapped = random.permutation(REVIEWS)[:40]
        right[swapped] = right[random.permutation(swapped)]
        found[seed] = right
    return found


def similar(last: list[float]) -> dict[int, dict[int, float]]:
    return {seed: {0: 0.5, 10: value} for seed, value in enumerate(last, 1)}


ALIKE, APART, MIXED = [0.95, 0.96, 0.97], [0.3, 0.4, 0.5], [0.8, 0.95, 0.97]
GOOD, WORSE, MAYBE = [0.861, 0.86, 0.859], [0.80, 0.801, 0.802], [0.84, 0.86, 0.88]


@pytest.mark.parametrize(
    ("cka", "without", "expected"),
    [
        (ALIKE, GOOD, "holds"),
        (ALIKE, WORSE, "holds in part"),
        (APART, GOOD, "holds in part"),
        (MIXED, GOOD, "holds in part"),
        (ALIKE, MAYBE, "holds in part"),
        (APART, WORSE, "does not hold"),
    ],
)
def test_verdicts(cka: list[float], without: list[float], expected: Verdict) -> None:
    assert hidden_layer.judge(similar(cka), runs(GOOD), runs(without), 10).verdict == expected


@pytest.mark.parametrize(
    ("cka", "with_layer", "without", "said"),
    [
        (ALIKE, GOOD, [], "no run without it with seeds 1, 2 and 3"),
        (ALIKE, GOOD, GOOD[:2], "no run without it with seed 3"),
        (ALIKE, GOOD[:1], GOOD, "no run with the layer with seeds 2 and 3"),
        ([], GOOD, GOOD, "of a finished run: python -m pipeline.stages.maps NAME"),
    ],
)
def test_where_a_run_is_missing_it_is_not_tested_and_the_command_is_named(
    cka: list[float], with_layer: list[float], without: list[float], said: str
) -> None:
    claim = hidden_layer.judge(similar(cka[: len(with_layer)]), runs(with_layer), runs(without), 10)
    assert claim.verdict == "not tested"
    assert said in claim.reading
    assert "make claims" in claim.reading
    assert all(row[0] in (1, 2, 3) for row in claim.tables[0].rows)


def test_numbers() -> None:
    one, other = runs(GOOD), runs(MAYBE)
    claim = hidden_layer.judge(similar(MIXED), one, other, 10)
    cka, lost = (part.found for part in claim.parts)
    assert cka is not None
    assert lost is not None
    assert (cka.value, cka.low, cka.high) == pytest.approx((np.mean(MIXED), 0.8, 0.97))
    means = [[float(found[seed].mean()) for seed in (1, 2, 3)] for found in (one, other)]
    trainings = stats.ttest_ind(means[1], means[0], equal_var=False).confidence_interval()
    each = []
    for review in range(REVIEWS):
        shares = [sum(bool(found[seed][review]) for seed in (1, 2, 3)) / 3 for found in (one, other)]
        each.append(shares[1] - shares[0])
    reviews = stats.ttest_1samp(each, 0).confidence_interval()
    assert lost.value == pytest.approx(np.mean(each))
    assert lost.low == pytest.approx(min(trainings.low, reviews.low))
    assert lost.high == pytest.approx(max(trainings.high, reviews.high))
    assert trainings.low < reviews.low, "the wider one here"
    assert [curve.points for curve in claim.charts[0].curves] == [((0, 0.5), (10, value)) for value in MIXED]
    assert [row[0] for row in claim.tables[0].rows] == [1, 2, 3]


def test_an_earlier_epoch_does_not_stand_in_for_the_last() -> None:
    claim = hidden_layer.judge(similar(ALIKE), runs(GOOD), runs(GOOD), 12)
    assert [part.outcome for part in claim.parts] == ["not tested", "yes"]
    assert claim.verdict == "not tested"
    assert "no CKA of the two layers at epoch 12 of the run with seeds 1, 2 and 3" in claim.reading
    short = {**runs(GOOD), 2: np.array([], bool)}
    claim = hidden_layer.judge(similar(ALIKE), runs(GOOD), short, 10)
    assert [part.outcome for part in claim.parts] == ["yes", "not tested"]
    assert claim.verdict == "not tested"
    assert "no predictions at epoch 10 of the run without it with seed 2" in claim.reading
    assert claim.tables[0].rows[1][2] is None


def test_a_run_that_cannot_be_read_is_named_where_one_is_missing() -> None:
    there = runs(GOOD)
    claim = hidden_layer.judge(similar(ALIKE), there, runs(GOOD[:2]), 10, ["broken"])
    assert claim.verdict == "not tested"
    assert "the run broken, whose config cannot be read" in claim.reading
    assert "broken" not in hidden_layer.judge(similar(ALIKE), there, runs(GOOD), 10, ["broken"]).reading
