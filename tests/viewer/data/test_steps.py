"""Sequences of numbers as text and as files: what goes in comes back, and what is wrong is named by row and column."""

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import InputError
from viewer.data import steps

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
SEQUENCES = st.integers(1, 4).flatmap(
    lambda channels: arrays(np.float32, st.tuples(st.integers(1, 9), st.just(channels)), elements=NUMBERS)
)


def parquet(**columns: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@given(SEQUENCES)
def test_what_is_written_is_read_back_exactly(numbers: np.ndarray) -> None:
    text = steps.written(numbers)
    np.testing.assert_array_equal(steps.parsed(text, numbers.shape[1]), numbers.astype(np.float64))
    assert [text[start:stop] for start, stop in steps.lines(text)] == text.split("\n")
    assert steps.written(steps.parsed(text, numbers.shape[1])) == text


@given(SEQUENCES, st.sampled_from(",;\t"), st.booleans(), st.booleans())
def test_files_hold_the_same_sequence(numbers: np.ndarray, delimiter: str, header: bool, mark: bool) -> None:
    channels = numbers.shape[1]
    rows = [delimiter.join(f"c{number}" for number in range(channels))] * header
    rows += [delimiter.join(repr(float(one)) for one in step) for step in numbers]
    content = ("\ufeff" * mark + "\r\n".join(rows) + "\r\n\r\n").encode()
    if channels > 1 or delimiter == ",":
        np.testing.assert_array_equal(steps.given("a.csv", content, channels), numbers)
    packed = parquet(**{f"c{number}": numbers[:, number] for number in range(channels)})
    np.testing.assert_array_equal(steps.given("a.parquet", packed, channels), numbers)


def test_columns_counted_by_pandas_are_a_header() -> None:
    steps_of_four = [[0.5, 1, 2, 3], [0, 1, 2, 4]]
    content = b"0,1,2,3\n0.5,1,2,3\n0,1,2,4\n"
    np.testing.assert_array_equal(steps.given("a.csv", content, 4), steps_of_four)
    np.testing.assert_array_equal(steps.given("a.csv", b"0,1,2,4\n0.5,1,2,3\n", 4), steps_of_four[::-1])
    np.testing.assert_array_equal(steps.given("a.csv", b"0,1,2\n", 3), [[0, 1, 2]])


def outcome(read: Callable[[], np.ndarray], channels: int) -> str:
    """Why there is no sequence, in one line; empty where there is one, of finite numbers."""
    try:
        found = read()
    except InputError as mistake:
        return str(mistake)
    assert found.shape[1] == channels
    assert np.isfinite(found).all()
    return ""


@given(st.text(max_size=60), st.integers(1, 3))
def test_any_text_is_a_sequence_or_one_line_that_says_why_not(text: str, channels: int) -> None:
    content = text.encode("utf-8", "replace")
    for read in (lambda: steps.parsed(text, channels), lambda: steps.given("x.csv", content, channels)):
        assert "\n" not in outcome(read, channels)


@given(st.binary(max_size=80))
def test_any_file_is_a_sequence_or_one_line_that_says_why_not(content: bytes) -> None:
    for name, packed in (("x.csv", content), ("x.parquet", content), ("x", b"PAR1" + content)):
        said = outcome(partial(steps.given, name, packed, 2), 2)
        assert not said or said.startswith(f"{name}: ")
        assert "\n" not in said


NOTHING = parquet(x=pa.array([], pa.float32()), y=pa.array([], pa.int8()))
NO_NUMBER = "is no number; write one such as 0.25"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"x,y\n1,2\n3,four\n", "a.csv: row 3, column 'y': 'four' is no number; write one such as 0.25"),
        ("a.csv", b"1,2\n3,\n", "a.csv: row 2, column 2: nothing there; write one such as 0.25"),
        ("a.csv", b"1,2\n3\n", "a.csv: row 2: 1 cells; the run reads 2 numbers a step"),
        ("a.csv", b"1,2,3\n", "a.csv: row 1: 3 cells; the run reads 2 numbers a step"),
        ("a.csv", b"1,nan\n", "a.csv: row 1, column 2: 'nan' is no number; write one such as 0.25"),  # no header
        ("a.csv", b"1,2\n1,nan\n", "a.csv: row 2, column 2: 'nan' is no number; write one such as 0.25"),
        ("a.csv", b"1,2\n1,1e39\n", "a.csv: row 2, column 2: '1e39' is no number; write one such as 0.25"),
        ("a.csv", b"1,2\n1_0,2\n", "a.csv: row 2, column 1: '1_0' is no number; write one such as 0.25"),
        ("a.csv", b"", "a.csv: no steps; give a row for each step"),
        ("a.csv", b"x,y\n", "a.csv: no steps; give a row for each step"),
        ("a.csv", b"1,2\n\xff,2\n", "a.csv: line 2: not UTF-8; save the file as UTF-8"),
        ("a.csv", b"1,2\n" * 5001, "a.csv: 5,001 steps; at most 5,000 are read"),
        ("a.parquet", parquet(x=[1.0], y=["a"]), "a.parquet: column 'y' holds string; every column must hold numbers"),
        ("a.parquet", parquet(x=[1.0]), "a.parquet: 1 columns; the run reads 2 numbers a step"),
        (
            "a.parquet",
            parquet(x=[1.0, 2.0], y=[1.0, None]),
            "a.parquet: row 2, column 'y': nothing there; write one such as 0.25",
        ),
        ("a.parquet", parquet(x=[1, 2], y=[1.0, np.inf]), f"a.parquet: row 2, column 'y': 'inf' {NO_NUMBER}"),
        ("a.parquet", NOTHING, "a.parquet: no steps; give a row for each step"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_line(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        steps.given(name, content, 2)
    assert str(caught.value) == said


def test_a_file_that_is_no_parquet_file_says_so() -> None:
    with pytest.raises(InputError, match=r"a\.parquet: not a Parquet file \("):
        steps.given("a.parquet", b"1,2\n", 2)
    with pytest.raises(InputError, match="larger than 20 MB"):
        steps.given("a.csv", b" " * (steps.LARGEST + 1), 2)


def test_sizes_in_words() -> None:
    assert steps.described(1, 1) == "1 step of 1 number"
    assert steps.described(1200, 12) == "1,200 steps of 12 numbers"
    assert steps.is_sequence("1,2", 2)
    assert not steps.is_sequence("1,2", 3)
    assert not steps.is_sequence("", 2)
