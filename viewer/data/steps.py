"""A sequence of numbers as text, a line a step, and back; and as a file that somebody gives: CSV or Parquet.

So a sequence can stand wherever a sentence can: in the state, in an address, in the cache of what was read.
"""

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.data import delimited
from pipeline.errors import InputError
from viewer.data.reading import Floats

LONGEST = 5_000  # steps
LARGEST = 20_000_000  # bytes of a file
FEWEST_COUNTED = 4  # columns: fewer numbers may well count by chance
SHOWN = 20  # characters of a wrong cell that are repeated


def written(steps: npt.ArrayLike) -> str:
    """(T, channels) numbers as T lines, each number as short as float32 allows; `parsed` gives the same ones back."""
    small = np.asarray(steps, np.float32)
    return "\n".join(",".join(np.format_float_positional(one, trim="-") for one in step) for step in small)


def lines(text: str) -> list[tuple[int, int]]:
    """(start, stop) of every line of a text that holds anything: the steps."""
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def parsed(text: str, channels: int, where: str = "sequence") -> Floats:
    """The (T, channels) numbers of a text of `written`; InputError naming the first cell that is no number."""
    rows = [text[start:stop].split(",") for start, stop in lines(text)]
    names = [str(column) for column in range(1, channels + 1)]
    return checked([(number, row) for number, row in enumerate(rows, 1)], names, channels, where)


def is_sequence(text: str, channels: int) -> bool:
    """Whether a text is a sequence of at least one step of so many numbers."""
    try:
        return len(parsed(text, channels)) > 0
    except InputError:
        return False


def described(count: int, channels: int) -> str:
    """A sequence in a few words, where a text would show its beginning."""
    return f"{count:,} {'step' if count == 1 else 'steps'} of {channels} {'number' if channels == 1 else 'numbers'}"


def given(name: str, content: bytes, channels: int) -> Floats:
    """The sequence in a file, a row a step and a column a channel; InputError by row and column where it holds none.

    A first row of CSV without a number is a header, as is one that counts the columns; commas, semicolons or tabs stand
    between the cells.
    """
    if len(content) > LARGEST:
        raise InputError(f"{name}: larger than {LARGEST // 1_000_000} MB; give one sequence, a row a step")
    table = content.startswith(b"PAR1") or name.lower().endswith(".parquet")
    found = from_parquet(name, content, channels) if table else from_csv(name, content, channels)
    if not len(found):
        raise InputError(f"{name}: no steps; give a row for each step")
    if len(found) > LONGEST:
        raise InputError(f"{name}: {len(found):,} steps; at most {LONGEST:,} are read")
    return found


def from_csv(name: str, content: bytes, channels: int) -> Floats:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}: line {line}: not UTF-8; save the file as UTF-8") from None
    rows = [(number, cells) for number, _, cells in delimited.cells(text, Path(name)) if any(map(str.strip, cells))]
    names = [str(column) for column in range(1, channels + 1)]
    if rows and len(rows[0][1]) == channels and is_header(rows[0][1]):
        names = [f"{cell.strip()[:SHOWN]!r}" for cell in rows[0][1]]
        rows = rows[1:]
    return checked(rows, names, channels, name)


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are names of columns: no numbers, or 0, 1, 2, 3, ... as pandas writes where it has no names."""
    counted = [cell.strip() for cell in cells] == [str(column) for column in range(len(cells))]
    return all(number(cell) is None for cell in cells) or (counted and len(cells) >= FEWEST_COUNTED)


def from_parquet(name: str, content: bytes, channels: int) -> Floats:
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name}: not a Parquet file ({reason})") from None
    for column in table.schema:
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            raise InputError(f"{name}: column {column.name!r} holds {column.type}; every column must hold numbers")
    if table.num_columns != channels:
        raise InputError(f"{name}: {table.num_columns} columns; the run reads {channels} numbers a step")
    columns = [column.cast(pa.float64(), safe=False).to_pylist() for column in table.columns]
    rows = [(row, ["" if cell is None else repr(cell) for cell in cells]) for row, cells in enumerate(zip(*columns), 1)]  # noqa: B905 - columns of a table are of one length
    return checked(rows, [repr(column[:SHOWN]) for column in table.column_names], channels, name)


def checked(rows: Sequence[tuple[int, Sequence[str]]], names: Sequence[str], channels: int, where: str) -> Floats:
    """Rows of cells, each with its number, as (T, channels) numbers that float32 holds; InputError for the first that
    is none."""
    found = np.empty((len(rows), channels))
    for place, (row, cells) in enumerate(rows):
        if len(cells) != channels:
            raise InputError(f"{where}: row {row}: {len(cells)} cells; the run reads {channels} numbers a step")
        for column, cell in enumerate(cells):
            value = number(cell)
            if value is None:
                said = f"{cell.strip()[:SHOWN]!r} is no number" if cell.strip() else "nothing there"
                raise InputError(f"{where}: row {row}, column {names[column]}: {said}; write one such as 0.25")
            found[place, column] = value
    return found


def number(cell: str) -> float | None:
    """A finite number that float32 holds, exactly as it holds it; None for anything else."""
    try:
        exact = float(cell)
    except ValueError:
        return None
    if "_" in cell or not math.isfinite(exact):
        return None
    with np.errstate(over="ignore"):
        small = float(np.float32(exact))
    return small if math.isfinite(small) else None
