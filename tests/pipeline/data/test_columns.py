"""Sequences of vectors in every type they may have, and what is said of those that are none."""

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from pipeline.data import columns
from pipeline.data.rows import Rows
from pipeline.data.tables import Source
from pipeline.errors import InputError

GOOD = [[[1.0, 2.0], [3.0, 4.0]], [], [[5.0, 6.0]]]
PLACE = r"films.csv: row 2 \(the first is row 1\), column 'path': "


def source(values, kind=None):
    return Source("films.csv", pa.table({"path": pa.array(values, kind)}), Rows(range(1, len(values) + 1)))


def steps(values, kind=None):
    found = columns.as_steps(source(values, kind), "path")
    assert found.type == pa.list_(pa.list_(pa.float32()))
    return found.to_pylist()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.list_(pa.float64())),
        pa.list_(pa.list_(pa.int8())),
        pa.large_list(pa.list_(pa.float32())),
        pa.list_(pa.list_(pa.float32(), 2)),
    ],
    ids=str,
)
def test_lists_of_lists_of_any_numbers_are_taken(kind):
    assert steps(GOOD, kind) == GOOD


def test_text_is_read_as_json():
    assert steps([json.dumps(one) for one in GOOD]) == GOOD


def test_plain_numbers_are_vectors_of_one():
    assert steps([[1, 2], [], [3]]) == [[[1.0], [2.0]], [], [[3.0]]]
    assert steps(["[1, 2]", "[]", "[3]"]) == [[[1.0], [2.0]], [], [[3.0]]]


def test_a_part_of_a_larger_table_is_read_from_its_own_first_row():
    whole = source([[[9.0, 9.0]], *GOOD, [[math.nan, 1.0]]])
    part = Source(whole.name, whole.table.slice(1, 3), whole.rows)
    assert columns.as_steps(part, "path").to_pylist() == GOOD
    broken = Source(whole.name, whole.table.slice(3, 2), whole.rows)
    with pytest.raises(InputError, match=PLACE + "step 1, number 1 is NaN"):
        columns.as_steps(broken, "path")


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ([[1.0, 2.0], [3.0]], "step 2 is 1 wide, the first step of the corpus 2; all must be alike"),
        ([[1.0, 2.0], []], "step 2 is 0 wide, the first step of the corpus 2"),
        ([[1.0, 2.0], [3.0, math.nan]], "step 2, number 2 is NaN; fill it in or leave the row out"),
        ([[1.0, 2.0], [math.inf, 4.0]], r"step 2, number 1 is inf \(beyond 32-bit floats\)"),
        ([[1.0, -1e39]], r"step 1, number 2 is -1e\+39 \(beyond 32-bit floats\)"),
        ([[1.0, None]], "step 1, number 2 is null"),
        ([[1.0, 2.0], None], "step 2 is null"),
        (None, r"no value \(null\); fill it in or leave the row out"),
    ],
)
@pytest.mark.parametrize("form", ["lists", "text"])
def test_a_number_or_step_that_is_none_is_told_by_its_place(second, said, form):
    values = [[[1, 2], [3, 4]], second]
    if form == "text":
        values = [value and json.dumps(value) for value in values]
    with pytest.raises(InputError, match=f"^{PLACE}{said}"):
        steps(values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 2 3", r"not JSON; it must hold a list of steps, each a list of numbers: \[\[1.0, 2.0\], \[3.0, 4.0\]\]"),
        ("[" * 100_000, "not JSON"),
        ("[" + "1" * 5000 + "]", "not JSON"),
        ('{"a": 1}', "not a list; it must hold a list of steps"),
        ('[[1, "x"]]', 'step 1, number 2 is "x", not a number'),
        ("[[1, true]]", "step 1, number 2 is true, not a number"),
        ("[[1, [2]]]", r"step 1, number 2 is \[2\], not a number"),
        ("[[1, 2], 3]", "step 2 is 1 wide"),
        (f"[[1, {10**400}]]", r"step 1, number 2 is inf \(beyond"),
    ],
)
def test_text_that_is_no_sequence_is_told_by_its_row(text, said):
    with pytest.raises(InputError, match=f"^{PLACE}{said}"):
        steps(["[[1, 2]]", text])


def test_steps_without_a_number_are_told():
    with pytest.raises(InputError, match=PLACE + "step 1 holds no number"):
        steps([[], [[], []]])


@pytest.mark.parametrize("values", [[[], []], ["[]"]])
def test_a_column_of_empty_lists_is_told(values):
    with pytest.raises(InputError, match=r"films.csv: column 'path' \(corpus.steps\) holds empty lists alone"):
        steps(values)


@pytest.mark.parametrize("values", [[1, 2], [["a"], ["b"]], [[[True]]], [{"a": 1}], [[["1.5"]]]])
def test_a_column_of_another_type_is_told(values):
    with pytest.raises(InputError, match=r"films.csv: column 'path' \(corpus.steps\) holds .*; it must hold a list of"):
        steps(values)


def test_numbers_keep_their_value_to_32_bits():
    exact = np.random.default_rng(0).normal(size=(1, 50, 7))
    np.testing.assert_array_equal(steps(exact.tolist()), exact.astype(np.float32))


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    table = Source("films.csv", pa.table({"path": [1], " mood": [2], "a, b": [3]}), Rows([1]))
    with pytest.raises(InputError, match=r"no column 'mood' \(corpus.label\); there are path, ' mood', 'a, b'$"):
        columns.found(table, "mood", "label")
