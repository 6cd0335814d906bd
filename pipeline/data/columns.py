"""Columns of a user's table as what the pipeline needs: text, or sequences of vectors; with every cell checked."""

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.data.tables import Source
from pipeline.errors import InputError

WANTED_STEPS = "a list of steps, each a list of numbers: [[1.0, 2.0], [3.0, 4.0]]"
FILL_IN = "fill it in or leave the row out"


def found(source: Source, column: str, key: str) -> pa.ChunkedArray:
    """The column that the config's `key` names; InputError with those there are."""
    if column not in source.table.column_names:
        there = ", ".join(named(name) for name in source.table.column_names)
        raise InputError(f"{source.name}: no column {column!r} (corpus.{key}); there are {there}")
    return source.table[column]


def named(column: str) -> str:
    """A column's name in a list of names; in quotes where one would not see it otherwise: spaces, commas."""
    return column if column == column.strip() and column and "," not in column else repr(column)


def as_text(source: Source, column: str, key: str) -> pa.ChunkedArray:
    """A column as strings, a number as it is written; InputError where a cell holds nothing or no text."""
    values = found(source, column, key)
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    try:
        strings = values.cast(pa.string())
        strings.validate(full=True)
    except pa.ArrowNotImplementedError:
        raise InputError(
            f"{source.name}: column {column!r} (corpus.{key}) holds {values.type}; it must hold text"
        ) from None
    except pa.ArrowInvalid:
        row = next((row for row, value in enumerate(values) if not is_utf8(value)), 0)
        raise source.wrong(row, column, "the text is not UTF-8; convert the file to UTF-8") from None
    refuse_null(source, column, strings)
    return strings


def is_utf8(value: pa.Scalar) -> bool:
    try:
        content = value.as_py()
        if isinstance(content, bytes):
            content.decode()
    except UnicodeDecodeError:
        return False
    return True


def refuse_null(source: Source, column: str, values: pa.ChunkedArray) -> None:
    if values.null_count:
        raise source.wrong(pc.index(values.is_null(), True).as_py(), column, f"no value (null); {FILL_IN}")


def as_steps(source: Source, column: str) -> pa.ListArray:
    """A column as sequences of vectors of one width: (rows) lists of lists of float32.

    Lists of plain numbers are sequences of vectors of one number. Text is read as JSON, which is how CSV holds lists.
    InputError names the first cell that is no such sequence, and the step and the number within it.
    """
    values = found(source, column, "steps")
    refuse_null(source, column, values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return checked(source, column, from_json(source, column, values))
    inner = within(values.type)
    if is_number(inner):
        lists = values.combine_chunks().cast(pa.list_(pa.float64()))
        alone = pa.ListArray.from_arrays(np.arange(len(lists.flatten()) + 1, dtype=np.int32), lists.flatten())
        return checked(source, column, pa.ListArray.from_arrays(lists.offsets, alone))
    if not is_number(within(inner)):
        raise InputError(
            f"{source.name}: column {column!r} (corpus.steps) holds {values.type}; it must hold {WANTED_STEPS}"
        )
    return checked(source, column, values.combine_chunks().cast(pa.list_(pa.list_(pa.float64()))))


def within(kind: pa.DataType | None) -> pa.DataType | None:
    """The type of the elements of a list; None for what is no list."""
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return kind.value_type if kind is not None and any(check(kind) for check in lists) else None


def is_number(kind: pa.DataType | None) -> bool:
    """Null is the type of lists that are all empty."""
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_null)
    return kind is not None and any(check(kind) for check in numbers)


def from_json(source: Source, column: str, texts: pa.ChunkedArray) -> pa.ListArray:
    """The lists that the cells hold as JSON."""
    rows = []
    for row, text in enumerate(texts.to_pylist()):
        try:
            steps = json.loads(text)
        except (ValueError, RecursionError):
            raise source.wrong(row, column, f"not JSON; it must hold {WANTED_STEPS}") from None
        if not isinstance(steps, list):
            raise source.wrong(row, column, f"not a list; it must hold {WANTED_STEPS}")
        rows.append([vector(source, column, row, number, step) for number, step in enumerate(steps, 1)])
    return pa.array(rows, pa.list_(pa.list_(pa.float64())))


def vector(source: Source, column: str, row: int, number: int, step: Any) -> list[float | None] | None:
    """One step: its numbers, a missing one as None; a plain number is a vector of one."""
    if step is None:
        return None
    numbers = []
    for place, one in enumerate(step if isinstance(step, list) else [step], 1):
        if one is not None and (isinstance(one, bool) or not isinstance(one, int | float)):
            raise source.wrong(row, column, f"step {number}, number {place} is {json.dumps(one)[:40]}, not a number")
        numbers.append(None if one is None else as_float(one))
    return numbers


def as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # JSON's whole numbers have no end
        return math.inf


def checked(source: Source, column: str, sequences: pa.ListArray) -> pa.ListArray:
    """Refuse missing and infinite numbers and steps of unequal width; the rest as float32."""

    def place(step: int) -> tuple[int, int]:
        """The row of a step of the flat list, and its number in its own sequence from 1."""
        row = int(pc.list_parent_indices(sequences)[step].as_py())
        return row, step - (sequences.offsets[row].as_py() - sequences.offsets[0].as_py()) + 1

    steps = sequences.flatten()
    if steps.null_count:
        row, number = place(pc.index(steps.is_null(), True).as_py())
        raise source.wrong(row, column, f"step {number} is null; {FILL_IN}")
    widths = pc.list_value_length(steps).to_numpy()
    if not len(widths):
        raise InputError(f"{source.name}: column {column!r} (corpus.steps) holds empty lists alone")
    if widths.max() == 0:
        raise source.wrong(place(0)[0], column, f"step {place(0)[1]} holds no number")
    if (widths != widths[0]).any():
        row, number = place(int(np.flatnonzero(widths != widths[0])[0]))
        width = widths[widths != widths[0]][0]
        reason = f"step {number} is {width} wide, the first step of the corpus {widths[0]}; all must be alike"
        raise source.wrong(row, column, reason)
    numbers = steps.flatten()
    with np.errstate(over="ignore"):  # beyond float32 is infinite, which is told
        small = numbers.to_numpy(zero_copy_only=False).astype(np.float32)
    if not np.isfinite(small).all():
        flat = int(np.flatnonzero(~np.isfinite(small))[0])
        row, number = place(flat // int(widths[0]))
        said = numbers[flat].as_py()
        value = "null" if said is None else "NaN" if math.isnan(said) else f"{said} (beyond 32-bit floats)"
        raise source.wrong(row, column, f"step {number}, number {flat % int(widths[0]) + 1} is {value}; {FILL_IN}")
    return rebuilt(sequences, widths, small)


def rebuilt(sequences: pa.ListArray, widths: np.ndarray, numbers: np.ndarray) -> pa.ListArray:
    """The same lists around other numbers."""
    inner = pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(widths)]).astype(np.int32), pa.array(numbers))
    lengths = pc.list_value_length(sequences).to_numpy()
    return pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32), inner)
