"""Flat arrays of sequences against lists of lists."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.sequences import Sequences, find_words


def sequences(lists):
    lengths = [len(one) for one in lists]
    return Sequences(
        examples=np.arange(len(lists), dtype=np.int64) * 10,
        labels=np.arange(len(lists), dtype=np.int64) % 2,
        elements=np.array([element for one in lists for element in one], dtype=np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )


LISTS = [[5, 6, 7], [], [8], [9, 2, 3, 4]]


def test_sequences_are_padded_with_zeros_at_the_end():
    inputs, lengths = sequences(LISTS).padded([2, 0, 1])
    assert inputs.tolist() == [[8, 0, 0], [5, 6, 7], [0, 0, 0]]
    assert lengths.tolist() == [1, 3, 0]


def test_empty_sequences_are_padded_to_one_column():
    inputs, lengths = sequences(LISTS).padded([1, 1])
    assert inputs.tolist() == [[0], [0]]
    assert lengths.tolist() == [0, 0]


def test_vectors_are_padded_with_vectors_of_zeros():
    flat = np.arange(1, 9, dtype=np.float32).reshape(4, 2)
    several = Sequences(np.arange(3), np.zeros(3, np.int64), flat, np.array([0, 1, 1, 4]))
    inputs, lengths = several.padded([2, 0, 1])
    assert inputs.tolist() == [[[3, 4], [5, 6], [7, 8]], [[1, 2], [0, 0], [0, 0]], [[0, 0], [0, 0], [0, 0]]]
    assert inputs.dtype == torch.float32
    assert lengths.tolist() == [3, 1, 0]
    part = several.subset(np.array([2, 1]))
    assert part.elements.tolist() == [[3, 4], [5, 6], [7, 8]]
    assert several.subset(np.array([], dtype=np.int64)).elements.shape == (0, 2)


lists = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=6)


@given(lists, st.data())
def test_padding_gives_every_sequence_back(lists, data):
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1, max_size=8))
    inputs, lengths = sequences(lists).padded(rows)
    assert inputs.shape == (len(rows), max(1, *(len(lists[row]) for row in rows), 0))
    for line, length, row in zip(inputs.tolist(), lengths.tolist(), rows, strict=True):
        assert line[:length] == lists[row]
        assert set(line[length:]) <= {0}


@given(lists, st.data())
def test_a_subset_holds_the_chosen_sequences_in_the_order_asked(lists, data):
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=8))
    part = sequences(lists).subset(np.array(rows, dtype=np.int64))
    assert len(part) == len(rows)
    assert part.examples.tolist() == [row * 10 for row in rows]
    assert part.labels.tolist() == [row % 2 for row in rows]
    cut = [part.elements[a:b].tolist() for a, b in zip(part.offsets[:-1], part.offsets[1:], strict=True)]
    assert cut == [lists[row] for row in rows]
    assert part.lengths.tolist() == [len(lists[row]) for row in rows]


def test_words_are_found_up_to_the_longest_length_and_all_are_counted():
    texts = ["One two, three four.", "", "It's here"]
    found = find_words(texts, 3)
    assert [found.of(row, text) for row, text in enumerate(texts)] == [["One", "two", "three"], [], ["It's", "here"]]
    assert found.original_lengths.tolist() == [4, 0, 2]
    assert found.offsets.tolist() == [0, 3, 3, 5]
    assert list(zip(found.starts.tolist(), found.stops.tolist(), strict=True)) == [
        (0, 3),
        (4, 7),
        (9, 14),
        (0, 4),
        (5, 9),
    ]


def test_no_texts_have_no_words():
    found = find_words([], 3)
    assert found.offsets.tolist() == [0]
    assert found.starts.tolist() == found.original_lengths.tolist() == []
