"""Scaling of channels, and sequences of numbers read back from the store as the network reads them."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from pipeline.data.channels import Channels, measured, unchanged
from pipeline.data.numbers import Numbers
from pipeline.stages.compose import composed

NUMBERS = np.random.default_rng(0).normal([5, -2, 0.1], [1e-3, 30, 1], size=(200, 3)).astype(np.float32)


def test_measured_channels_are_scaled_as_scikit_learn_scales_them():
    expected = StandardScaler().fit(NUMBERS.astype(np.float64)).transform(NUMBERS.astype(np.float64))
    np.testing.assert_allclose(measured(NUMBERS).encode(NUMBERS), expected, rtol=1e-6, atol=1e-6)


@given(st.floats(-1e6, 1e6, width=32))
def test_a_constant_channel_becomes_zero(value):
    channels = measured(np.full((7, 1), value, np.float32))
    assert channels.scale.tolist() == [1.0]
    assert abs(channels.encode([[value]])).max() <= abs(value) * 1e-15


def test_unchanged_channels_stay_as_they_are_to_the_bit():
    assert unchanged(3).encode(NUMBERS).tobytes() == NUMBERS.tobytes()


def test_one_sequence_is_encoded_as_the_same_within_many():
    channels = Channels(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 8.0]))
    np.testing.assert_array_equal(channels.encode([[3, 2, -5]]), [[1, 0, -1]])
    np.testing.assert_array_equal(channels.encode(NUMBERS)[10:12], channels.encode(NUMBERS[10:12]))
    assert channels.encode([]).shape == (0, 3)


def corpus(lists, **changes):
    settings = composed("vowels", [f"corpus.{key}={value}" for key, value in changes.items()]).corpus
    return Numbers(pa.array(lists, pa.list_(pa.list_(pa.float32()))), settings)


LISTS = [[[1, 10]], [], [[3, 30], [5, 10], [100, 100]], [[7, 70], [9, 90]]]


def test_channels_are_measured_over_the_training_rows_within_the_cut():
    learned = corpus(LISTS, max_length=2).learn(np.array([0, 2]), [""] * 4, [])
    assert list(learned["channels"]["channel"]) == [1, 2]
    np.testing.assert_allclose(learned["channels"]["center"], [3, 50 / 3])  # of 1, 3, 5 and 10, 30, 10
    np.testing.assert_allclose(learned["channels"]["scale"], [np.sqrt(8 / 3), np.sqrt(800 / 9)])
    assert learned["vocabulary"] == {"word": [], "token": [], "count": [], "counts": []}
    plain = corpus(LISTS, standardize="false").learn(np.array([0, 2]), [""] * 4, [])
    assert [plain["channels"][name].tolist() for name in ("center", "scale")] == [[0, 0], [1, 1]]


def test_lengths_are_counted_before_and_after_the_cut():
    content = corpus(LISTS, max_length=2)
    assert content.lengths.tolist() == [1, 0, 2, 2]
    assert content.original_lengths.tolist() == [1, 0, 3, 2]
    rows = np.array([2, 0])
    assert content.whole(rows)["steps"].to_pylist() == [LISTS[2], LISTS[0]]
    assert [np.array(steps).tolist() for steps in content.read(rows)["steps"]] == [LISTS[2][:2], LISTS[0]]
    assert {len(column) for column in content.elements(rows).values()} == {3}


def test_two_sequences_are_the_same_only_with_the_same_numbers():
    same = corpus([[[1, 2], [3, 4]], [[1, 2]], [[1, 2], [3, 4]]])
    first, second, third = same.keys(np.arange(3))
    assert first == third != second
