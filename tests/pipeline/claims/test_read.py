"""Sentences and pairs as read: moves, calls and impacts by hand."""

import numpy as np
import pytest

from pipeline.claims import intervals
from pipeline.claims.pairs import Pair
from pipeline.claims.read import Pairs, Read, Sentences, gathered


def test_moves_by_hand() -> None:
    one, other = np.array([[0.5, 0.2], [0.5, 0.6]]), np.array([[0.5, 0.7], [0.5, 0.3]])
    raised, lowered, swapped = (Pairs(right, one, other) for right in (1, -1, 0))
    np.testing.assert_allclose(raised.moves[:, 1], [0.5, -0.3])
    np.testing.assert_allclose(lowered.moves[:, 1], [-0.5, 0.3])
    np.testing.assert_allclose(swapped.moves[:, 1], [0.5, 0.3])

    def shares(kind: Pairs) -> list[float]:
        found = (kind.moved_right(1), kind.starts_right(1), kind.ends_right(1))
        return [each.value for each in found if each is not None]

    assert shares(raised) == [0.5, 0.5, 0.5]  # meant negative: 0.2 is; meant positive: 0.7 is
    assert shares(lowered) == [0.5, 0.5, 0.5]
    assert swapped.ends_right(1) is not None
    assert shares(Pairs(1, one[:1], other[:1])) == [1.0, 1.0, 1.0]
    assert shares(Pairs(0, one, other))[2] == 0.0
    assert shares(Pairs(1, one, one))[0] == 0.0, "no move is no move the right way"
    moved = raised.moved(1)
    assert moved is not None
    assert moved.value == pytest.approx(0.1)


def test_impacts_of_a_sentence() -> None:
    one = Read(("It", "is", "not", "Boring"), np.array([[0.5, 0.5, 0.45, 0.4, 0.2]]))
    np.testing.assert_allclose(one.impacts[0], [0, -0.05, -0.05, -0.2])
    assert one.strongest(0) == "boring"
    np.testing.assert_allclose(one.impact_of("not"), [[-0.05]])


def test_what_decides_sentences() -> None:
    """Of four: decided by its word; called negative by another; moved most and called positive; neither."""
    after = ([0.5, 0.5, 0.2], [0.5, 0.2, 0.1], [0.5, 0.55, 0.9], [0.3, 0.8, 0.9])
    read = tuple(Read(("So", "French"), np.array([each])) for each in after)
    found = Sentences(read, ("French",) * 4)
    shares = (found.moves_most(0), found.called_negative(0), found.decided(0))
    assert shares == (intervals.share(2, 4), intervals.share(2, 4), intervals.share(1, 4))


def test_pairs_of_one_kind_are_gathered_in_order() -> None:
    read = {text: Read((text,), np.array([[0.5, value]])) for text, value in (("a", 0.1), ("b", 0.2), ("c", 0.3))}
    found = gathered([Pair("neutral", "a / b", "a", "b"), Pair("neutral", "b / c", "b", "c")], read)
    assert found.right == 0
    np.testing.assert_array_equal(found.one, [[0.1], [0.2]])
    np.testing.assert_array_equal(found.other, [[0.2], [0.3]])
    with pytest.raises(ValueError, match="unpack"):
        gathered([Pair("neutral", "a / b", "a", "b"), Pair("positive", "b", "b", "c")], read)
