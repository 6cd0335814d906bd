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


HIGH, LOW, BETWEEN = Estimate(0.9, 0.8, 0.95), Estimate(0.1, 0.0, 0.2), Estimate(0.5, 0.4, 0.6)


def final(in_layer: Estimate | None, on_map: Estimate | None) -> list[Related]:
    untrained = [Related(0, name, {"layer": None, "map": None}) for name in ("embedding", "lstm")]
    return [
        *untrained,
        Related(3, "embedding", {"layer": LOW, "map": LOW}),
        Related(3, "lstm", {"layer": in_layer, "map": on_map}),
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
    assert distance.judge(final(in_layer, on_map)).verdict == expected


def test_the_word_vectors_are_told_and_do_not_count() -> None:
    claim = distance.judge(final(HIGH, HIGH))
    assert [table.rows for table in claim.tables] == [
        ((0, None, None), (3, LOW, LOW)),
        ((0, None, None), (3, HIGH, HIGH)),
    ]
    assert "word vectors 0.10 (0.00 to 0.20) in the layer" in claim.reading
    assert [curve.points for curve in claim.charts[0].curves] == [((3, 0.1),), ((3, 0.9),)]
    assert distance.judge([]).verdict == "not tested"
