"""Claim 2 to every verdict, and what stands in its tables."""

import pytest

from pipeline.claims import intervals, separability
from pipeline.claims.report import Verdict
from pipeline.claims.separability import Probes


def probes(embedding: float | None, lstm: float | None, predicted: tuple[float | None, float | None]) -> list[Probes]:
    """Two layers at epochs 0 and 2, both probes alike, on 500 reviews; at 0 all are called negative."""
    last = ((embedding, predicted[0]), (lstm, predicted[1]))
    found = []
    for layer, (true, said) in zip(("embedding", "lstm"), last, strict=True):
        found += [
            Probes(0, layer, 500, 0.5, 0.49, None, None, None, 0.0),
            Probes(2, layer, 500, true, true, said, said, 0.55),
        ]
    return found


@pytest.mark.parametrize(
    ("embedding", "lstm", "predicted", "expected"),
    [
        (0.5, 0.9, (0.52, 0.99), "holds"),
        (0.75, 0.9, (0.8, 0.99), "holds in part"),
        (0.5, 0.6, (0.52, 0.6), "holds in part"),
        (0.59, 0.9, (0.5, 0.99), "holds in part"),  # 0.59 is not surely at most 0.6
        (0.75, 0.82, (0.5, 0.99), "undecided"),  # nor 0.82 surely at least 0.8
        (0.75, 0.6, (0.5, 0.99), "does not hold"),  # whatever is predicted
        (None, None, (0.5, 0.99), "not tested"),
        (0.5, 0.9, (None, None), "holds"),  # as the true label alone decides
    ],
)
def test_verdicts(
    embedding: float | None, lstm: float | None, predicted: tuple[float | None, float | None], expected: Verdict
) -> None:
    assert separability.judge(probes(embedding, lstm, predicted), 2).verdict == expected


def test_without_probes_it_is_not_tested() -> None:
    claim = separability.judge([], 2)
    assert claim.verdict == "not tested"
    assert "no probes of word vectors and LSTM state at epoch 2; build the maps of the run again" in claim.reading
    assert claim.tables == ()
    assert claim.charts == ()


def test_the_better_of_both_probes_counts_against_inseparable() -> None:
    found = Probes(1, "embedding", 500, 0.5, 0.9, 0.4, 0.3)
    assert found.better == intervals.share(450, 500)
    assert Probes(1, "embedding", 500, 0.5, None, 0.4, 0.3).better is None


def test_an_earlier_epoch_or_another_layer_does_not_stand_in() -> None:
    found = probes(0.5, 0.9, (0.52, 0.99))
    assert separability.judge(found, 3).verdict == "not tested"
    claim = separability.judge([each for each in found if each.layer == "lstm"], 2)
    assert claim.verdict == "not tested"
    assert "no probes of word vectors at epoch 2" in claim.reading
    assert "fewer than 5 reviews" in separability.judge(probes(None, None, (None, None)), 2).reading


def test_why_there_is_no_probe_of_what_is_predicted() -> None:
    told = separability.judge(probes(0.5, 0.9, (0.52, 0.99)), 2)
    assert "no probe can tell what it predicts: at epoch 0 it calls 0.0 % positive." in told.reading
    assert "build" not in told.reading
    assert "A dash in their columns" in told.measured
    trained = [each for each in probes(0.5, 0.9, (0.52, 0.99)) if each.epoch]
    assert "no probe can tell" not in separability.judge(trained, 2).reading


def test_the_predicted_label_is_told_and_not_counted() -> None:
    claim = separability.judge(probes(0.75, 0.9, (0.5, 0.99)), 2)
    assert [part.outcome for part in claim.parts] == ["no", "yes"]
    assert all("true label" in part.statement for part in claim.parts)
    assert "50.0 % (45.6 to 54.4) and 99.0 % (97.7 to 99.6): not counted" in claim.reading


def test_tables_and_charts_hold_every_probe() -> None:
    claim = separability.judge(probes(0.75, 0.9, (0.8, 0.99)), 2)
    assert [table.title.split(":")[0] for table in claim.tables] == ["Word vectors", "LSTM state"]
    for table, (true, said) in zip(claim.tables, ((0.75, 0.8), (0.9, 0.99)), strict=True):
        share = {value: intervals.share(value * 500, 500) for value in (0.5, 0.49, true, said)}
        assert table.rows == (
            (0, 500, share[0.5], share[0.49], None, None, None),
            (2, 500, share[true], share[true], share[said], share[said], 0.55),
        )
    assert [curve.points for curve in claim.charts[0].curves] == [((0, 0.5), (2, 0.75)), ((0, 0.5), (2, 0.9))]
    assert [curve.points for curve in claim.charts[1].curves] == [((2, 0.8),), ((2, 0.99),)]
    assert "itself" not in claim.reading
    assert "55.0 % of a review's nearest have its true label (word vectors) and 55.0 % (LSTM state)" in claim.reading
    own = separability.judge(probes(0.75, 0.9, (0.8, 0.99)), 2, intervals.share(430, 500)).reading
    assert "The network itself is right on 86.0 % (82.7 to 88.8) of the reviews." in own
    assert "In the untrained network a linear probe tells the true label of 50.0 %" in claim.reading
