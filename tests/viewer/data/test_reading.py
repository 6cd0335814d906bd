"""A reading's own small answers, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import reading
from viewer.data.reading import confidence

READ = reading("good, not bad!", [[0.5, 0.75, 0.5, 0.2], [0.5, 0.5, 0.5, 0.5]], epochs=(2, 7))


def test_words_stand_at_their_positions() -> None:
    assert [READ.spelled(position) for position in (1, 2, 3)] == ["good", "not", "bad"]


def test_the_last_probability_is_the_prediction_and_a_half_is_positive() -> None:
    assert (READ.final(2), READ.predicted(2)) == (0.2, "neg")
    assert (READ.final(7), READ.predicted(7)) == (0.5, "pos")
    with pytest.raises(ValueError, match="in tuple"):
        READ.final(3)


def test_changes_of_the_log_odds() -> None:
    np.testing.assert_allclose(READ.changes("log-odds", 2)[:, 1], [np.log(3), -np.log(3), -np.log(4)])
    assert READ.changes("log-odds", 7)[:, 1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(READ.changes("probability", 2)[:, 1], [0.25, -0.25, -0.3])


@given(st.floats(0, 1))
def test_confidence_is_twice_the_way_from_a_half(probability: float) -> None:
    larger = max(probability, 1 - probability)
    assert confidence(larger, 2) == pytest.approx(abs(2 * probability - 1))
