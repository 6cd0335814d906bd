"""Stored readings against the tables' plain rows, and small stores written by hand."""

import numpy as np
import pytest

from pipeline.data.words import spans
from pipeline.errors import InputError
from tests.viewer.handmade import Hand
from viewer.data import examples
from viewer.data.examples import stored_many
from viewer.data.facts import facts


def test_a_stored_reading_is_what_the_tables_hold(source, tiny, stored):
    for example in stored.rows("examples")[::60]:
        number = example["example"]
        reading = examples.stored(source, tiny, number)
        elements = stored.rows("elements", example=number)
        assert [reading.spelled(place) for place in range(1, len(elements) + 1)] == [row["element"] for row in elements]
        assert [(word.start, word.stop, word.known) for word in reading.words] == [
            (row["start"], row["stop"], row["known"]) for row in elements
        ]
        assert (reading.text, reading.label, reading.example) == (example["text"], example["label"], number)
        assert len(reading.words) + len(reading.unread) == example["original_length"]
        assert reading.epochs == (0, 3)
        impacts = np.array([row["impact"] for row in stored.rows("impacts", example=number)], dtype=float)
        np.testing.assert_array_equal(reading.impact.ravel(), impacts)
        final = [row["probability"] for row in stored.rows("predictions", example=number) if row["epoch"] in (0, 3)]
        np.testing.assert_allclose([reading.final(0), reading.final(3)], final, atol=1e-6)


def test_what_lies_beyond_the_cut_is_not_read_and_that_is_said(source, tiny, stored):
    example = max(stored.rows("examples"), key=lambda row: row["original_length"])
    reading = examples.stored(source, tiny, example["example"], [3])
    assert list(reading.unread) == spans(example["text"])[12:]
    assert f"first 12 of these {example['original_length']} words" in reading.notes[0]


def test_many_readings_come_in_the_order_asked(source, tiny, stored):
    numbers = [row["example"] for row in stored.rows("examples")[40:20:-5]]
    numbers.append(numbers[0])
    found = stored_many(source, tiny, numbers, 3)
    assert [reading.example for reading in found] == numbers
    for reading in found:
        alone = examples.stored(source, tiny, reading.example, [3])
        np.testing.assert_array_equal(reading.impact, alone.impact)
        assert (reading.words, reading.text, reading.epochs) == (alone.words, alone.text, (3,))
    assert stored_many(source, tiny, [], 3) == []


@pytest.mark.parametrize(
    ("example", "epochs", "words"), [(10**6, None, "10000"), (2**40, None, str(2**40)), (-1, [0], "-1")]
)
def test_an_example_that_is_not_there_is_named(source, tiny, example, epochs, words):
    with pytest.raises(InputError, match=words):
        examples.stored(source, tiny, example, epochs)


def test_an_epoch_that_is_not_explained_is_named(source, tiny, stored):
    with pytest.raises(InputError, match="epoch 1; explained are 0, 3"):
        examples.stored(source, tiny, stored.rows("examples")[0]["example"], [0, 1])


def test_a_run_without_impacts_says_so_but_has_the_text(tmp_path):
    hand = Hand(tmp_path, ["bad", "so so", "good"])
    hand.examples(["A good film", "bad", "İstanbul’s film"], ["good", "bad", "so so"])
    source = hand.source
    with pytest.raises(InputError, match="no stored impacts of example 2"):
        examples.stored(source, facts(source, "hand"), 2)
    with pytest.raises(InputError, match="'hand' has no impacts; build them: dvc repro"):
        examples.explained_among(source, facts(source, "hand"), [2])
    assert examples.original(source, facts(source, "hand"), 2) == ("İstanbul’s film", "so so")
    with pytest.raises(InputError, match="no test example 9"):
        examples.original(source, facts(source, "hand"), 9)
    assert examples.first(source, facts(source, "hand")) == ("A good film", 0)


def test_those_whose_impacts_are_stored_are_told(source, tiny, stored):
    numbers = [row["example"] for row in stored.rows("examples")[:5]]
    explained = {row["example"] for row in stored.rows("impacts", position=0)}
    assert examples.explained_among(source, tiny, [*numbers, -1, 10**6]) == explained & {*numbers}
