"""Claim 3: points whose probability follows their distance from a line, and points whose does not."""

import numpy as np
import pytest
from scipy import stats

from pipeline.claims import distance
from pipeline.claims.distance import Layer, Related, related
from pipeline.claims.report import Estimate, Verdict
from pipeline.explain.boundary import distances


def layer(name: str, follows: bool, epoch: int = 3) -> Layer:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(150, 4))
    logit = vectors[:, 0] * 2
    if not follows:  # the same sides, but how sure the network is has nothing to do with the distance
        logit = np.sign(logit) * random.uniform(0.1, 3, 150)
    return Layer(epoch, name, vectors, vectors[:, :2] * 3, 1 / (1 + np.exp(-logit)))


def test_the_correlation_is_of_sizes_and_cross_fitted() -> None:
    one = layer("lstm", follows=True)
    found = related(one).found
    signed = distances(one.vectors, one.probability >= 0.5)
    assert signed is not None
    expected = stats.spearmanr(np.abs(signed), np.abs(2 * one.probability - 1)).statistic
    assert found["layer"] is not None
    assert found["layer"].value == pytest.approx(expected)
    assert found["layer"].value > 0.9
    assert found["map"] is not None
    assert found["map"].value > 0.9


def test_sides_alone_make_no_correlation() -> None:
    """Signed numbers would agree, as both know the side."""
    one = layer("lstm", follows=False)
    found = related(one).found["layer"]
    assert found is not None
    assert found.low is not None
    assert found.low < 0.1
    assert stats.spearmanr(one.vectors[:, 0], one.probability).statistic > 0.7


def test_a_network_that_says_one_thing_has_no_boundary() -> None:
    one = layer("lstm", follows=True)
    alike = Layer(0, "lstm", one.vectors, one.places, np.full(150, 0.7))
    assert related(alike).found == {"layer": None, "map": None}
    assert "calls 150 of 150 reviews positive" in related(alike).reason


def test_points_at_one_place_have_no_boundary() -> None:
    one = layer("lstm", follows=True)
    heap = Layer(3, "lstm", np.ones((150, 4)), one.places, one.probability)
    assert related(heap).found["layer"] is None
    assert related(heap).found["map"] is not None
    assert "at one place" in related(heap).reason


LAYERS = ["embedding", "lstm"]
HIGH, LOW, BETWEEN = Estimate(0.9, 0.8, 0.95), Estimate(0.1, 0.0, 0.2), Estimate(0.5, 0.4, 0.6)


def final(in_layer: Estimate | None, on_map: Estimate | None) -> list[Related]:
    untrained = [Related(0, name, {"layer": None, "map": None}, 150, 2) for name in LAYERS]
    return [
        *untrained,
        Related(3, "embedding", {"layer": LOW, "map": LOW}, 150, 70),
        Related(3, "lstm", {"layer": in_layer, "map": on_map}, 150, 70 if on_map else 3),
    ]


@pytest.mark.parametrize(
    ("in_layer", "on_map", "expected"),
    [
        (HIGH, HIGH, "holds"),
        (HIGH, LOW, "holds in part"),
        (BETWEEN, LOW, "undecided"),
        (LOW, LOW, "does not hold"),
        (HIGH, None, "not tested"),
    ],
)
def test_verdicts(in_layer: Estimate | None, on_map: Estimate | None, expected: Verdict) -> None:
    assert distance.judge(final(in_layer, on_map), LAYERS, 3).verdict == expected


def test_the_word_vectors_are_told_and_do_not_count() -> None:
    claim = distance.judge(final(HIGH, HIGH), LAYERS, 3)
    assert [table.rows for table in claim.tables] == [
        ((0, None, None), (3, LOW, LOW)),
        ((0, None, None), (3, HIGH, HIGH)),
    ]
    assert "word vectors 0.10 (0.00 to 0.20) in the layer" in claim.reading
    assert [curve.points for curve in claim.charts[0].curves] == [((3, 0.1),), ((3, 0.9),)]


def test_why_it_is_not_tested() -> None:
    assert distance.judge([], [], 3).verdict == "not tested"
    claim = distance.judge([], LAYERS, 3)
    assert claim.verdict == "not tested"
    assert "LSTM state: the store holds no vectors and map at epoch 3; build the maps" in claim.reading
    one_sided = distance.judge(final(HIGH, None), LAYERS, 3)
    assert "LSTM state, on the map: nothing to relate at epoch 3; the network calls 3 of 150" in one_sided.reading
    assert "build" not in one_sided.reading


def test_another_layer_or_epoch_does_not_stand_in_for_one_that_is_missing() -> None:
    assert distance.judge(final(HIGH, HIGH), [*LAYERS, "dense"], 3).verdict == "not tested"
    assert distance.judge(final(HIGH, HIGH), LAYERS, 4).verdict == "not tested"
