"""A reading's own small answers, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import many, reading
from viewer.data.reading import Reading, confidence, joined

READ = reading("good, not bad!", [[0.5, 0.75, 0.5, 0.2], [0.5, 0.5, 0.5, 0.5]], epochs=(2, 7))


def test_words_stand_at_their_positions() -> None:
    assert [READ.spelled(position) for position in (1, 2, 3)] == ["good", "not", "bad"]


def test_the_last_probability_is_the_prediction_and_a_half_is_positive() -> None:
    assert (READ.final(2), READ.predicted(2)) == (0.2, "neg")
    assert (READ.final(7), READ.predicted(7)) == (0.5, "pos")
    with pytest.raises(ValueError, match="in tuple"):
        READ.final(3)


def test_two_readings_of_one_text_are_one_with_its_checkpoints_in_order() -> None:
    said = {1: [0.1, 0.2, 0.3], 2: [0.5, 0.75, 0.2], 4: [0.6, 0.6, 0.6], 7: [0.5, 0.1, 0.9]}

    def at(*epochs: int, **more: object) -> Reading:
        return reading("good film", [said[epoch] for epoch in epochs], epochs, **more)

    found = joined(at(2, 7, label="pos", example=5), at(1, 4))
    assert (found.epochs, found.label, found.example) == ((1, 2, 4, 7), "pos", 5)
    whole = at(1, 2, 4, 7)
    for name in ("probabilities", "logits", "impacts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
    assert found.attention is None
    weights = np.array([[0.1, 0.9], [0.2, 0.8]])
    attentive = joined(at(2, 7, attention=weights), at(1, 4, attention=weights + 1))
    assert attentive.attention is not None
    assert attentive.attention.tolist() == [[1.1, 1.9], [0.1, 0.9], [1.2, 1.8], [0.2, 0.8]]
    assert joined(at(2, 7, attention=weights), at(1, 4)).attention is None
    for other in (reading("good films", epochs=(1,)), reading("good film", epochs=(1,), unknown=(2,))):
        with pytest.raises(ValueError, match="words"):
            joined(at(2, 7), other)


def test_changes_of_the_log_odds() -> None:
    np.testing.assert_allclose(READ.changes("log-odds", 2)[:, 1], [np.log(3), -np.log(3), -np.log(4)])
    assert READ.changes("log-odds", 7)[:, 1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(READ.changes("probability", 2)[:, 1], [0.25, -0.25, -0.3])


@given(st.floats(0, 1))
def test_confidence_is_twice_the_way_from_a_half(probability: float) -> None:
    larger = max(probability, 1 - probability)
    assert confidence(larger, 2) == pytest.approx(abs(2 * probability - 1))


THREE = many(
    "so good",
    [[[0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [0.5, 0.5, 0.0]], [[np.nan] * 3, [0.4, 0.35, 0.25], [1, 0, 0]]],
    ("one", "two", "three"),
    epochs=(1, 4),
)


def test_the_likeliest_of_many_classes_is_predicted_and_of_equal_ones_the_first() -> None:
    assert THREE.predictions(1).tolist() == [2, 1, 0]
    assert THREE.predictions(4).tolist() == [-1, 0, 0]
    assert (THREE.predicted(1), THREE.predicted(4)) == ("one", "one")
    assert THREE.confidence(1) == pytest.approx((0.5 - 1 / 3) / (2 / 3))
    assert THREE.confidence(4) == 1


def test_the_class_in_question_is_the_one_chosen_else_the_predicted_of_two_the_positive() -> None:
    assert [THREE.asked(about, 1) for about in ("", "two", "other")] == ["one", "two", "one"]
    assert [READ.asked(about, 2) for about in ("", "neg")] == ["pos", "pos"]
    assert THREE.final(1, "two") == 0.5
    assert THREE.probability[0].tolist() == [0.5, 0.3, 0.0]  # of the last


def test_two_classes_are_two_sides_of_one_number() -> None:
    assert READ.probabilities[0].tolist() == [[0.5, 0.5], [0.25, 0.75], [0.5, 0.5], [0.8, 0.2]]
    np.testing.assert_array_equal(READ.impacts[..., 0], -READ.impacts[..., 1])
    np.testing.assert_array_equal(READ.logits[..., 0], -READ.logits[..., 1])
    assert not READ.many
    assert THREE.many


@given(st.integers(2, 12), st.floats(0, 1))
def test_confidence_is_0_for_a_guess_and_1_for_certainty(classes: int, share: float) -> None:
    largest = 1 / classes + share * (1 - 1 / classes)
    assert confidence(largest, classes) == pytest.approx(share, abs=1e-12)
