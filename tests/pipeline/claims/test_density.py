"""Claim 7 to every verdict."""

import pytest

from pipeline.claims import density, intervals
from pipeline.claims.density import Step
from pipeline.claims.report import Verdict

LAYERS = ["embedding", "lstm", "dense"]


def steps(first: float | None, second: float | None, reviews: int = 500) -> list[Step]:
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
    assert density.judge(steps(first, second), LAYERS, 10).verdict == expected


def test_few_reviews_decide_less() -> None:
    assert density.judge(steps(0.7, 0.7, 12), LAYERS, 10).verdict == "undecided"


def test_numbers() -> None:
    claim = density.judge(steps(0.7, 0.9), LAYERS, 10)
    found = {value: intervals.rank_correlation(value, 500) for value in (0.1, 0.7, 0.9)}
    assert claim.tables[0].rows == ((0, found[0.1], found[0.1]), (10, found[0.7], found[0.9]))
    assert [curve.points for curve in claim.charts[0].curves] == [((0, 0.1), (10, 0.7)), ((0, 0.1), (10, 0.9))]
    assert "from word vectors to LSTM state" in claim.reading


def test_without_densities_it_is_not_tested() -> None:
    claim = density.judge([], LAYERS, 10)
    assert (claim.verdict, claim.tables, claim.charts) == ("not tested", (), ())
    assert "word vectors to LSTM state and LSTM state to hidden layer: the store holds no densities" in claim.reading
    assert "python -m pipeline.stages.maps" in claim.reading
    assert density.judge([], LAYERS[:1], 10).verdict == "not tested"


def test_one_pair_of_layers_does_not_stand_for_the_other() -> None:
    both = steps(0.7, 0.9)
    for layer, told in (("embedding", "word vectors to LSTM state"), ("lstm", "LSTM state to hidden layer")):
        left = [step for step in both if (step.layer, step.epoch) != (layer, 10)]
        claim = density.judge(left, LAYERS, 10)
        assert claim.verdict == "not tested"
        assert [part.outcome for part in claim.parts].count("not tested") == 1
        assert f"Not tested from {told}: the store holds no densities of these layers at epoch 10" in claim.reading


def test_an_earlier_epoch_does_not_stand_in_for_the_last() -> None:
    claim = density.judge([step for step in steps(0.7, 0.9) if step.epoch == 0], LAYERS, 10)
    assert claim.verdict == "not tested"
    assert "at epoch 0" not in claim.reading
    assert [row[0] for row in claim.tables[0].rows] == [0]


def test_a_layer_of_one_vector_has_no_density() -> None:
    claim = density.judge(steps(None, 0.9), LAYERS, 10)
    assert claim.verdict == "not tested"
    assert "at epoch 10 one of the two layers has one vector for all reviews" in claim.reading
    assert claim.tables[0].rows[1] == (10, None, intervals.rank_correlation(0.9, 500))
    assert [curve.points for curve in claim.charts[0].curves] == [((0, 0.1),), ((0, 0.1), (10, 0.9))]
