"""A file or a function of the user's as an Arrow table that knows what a person calls each of its rows.

Reads `config.corpus.file`: CSV, JSON Lines or Parquet, by its ending. Writes nothing.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import own_code
from pipeline.data import delimited, json_lines
from pipeline.data.rows import Rows
from pipeline.errors import InputError

KINDS = "CSV (.csv, .tsv), JSON Lines (.jsonl, .ndjson) or Parquet (.parquet)"


@dataclass(frozen=True)
class Source:
    """What was read. name: the file, or the function; rows: what a person calls each row of `table`."""

    name: str
    table: pa.Table
    rows: Rows

    def wrong(self, row: int, column: str, reason: str) -> InputError:
        """The mistake in one cell."""
        return InputError(f"{self.name}: {self.rows.name(row)}, column {column!r}: {reason}")


def read(path: Path) -> Source:
    """Read a file by its ending; InputError where it is missing, damaged or of another kind."""
    if path.is_dir():
        raise InputError(f"{path}: a folder; set corpus.file to a file: {KINDS}")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: of no known kind; save it as {KINDS} and set corpus.file to it")
    try:
        return Source(str(path), *reader(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; set corpus.file to a file: {KINDS}") from None


def read_parquet(path: Path) -> tuple[pa.Table, Rows]:
    try:
        table = pq.read_table(path, partitioning=None)
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file ({error}); get it again, or write it as Parquet") from None
    return table, numbered(table)


def numbered(table: pa.Table) -> Rows:
    """The rows of what no editor shows, counted from 1."""
    return Rows(range(1, table.num_rows + 1))


Reader = Callable[[Path], tuple[pa.Table, Rows]]
READERS: dict[str, Reader] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".jsonl": json_lines.read,
    ".ndjson": json_lines.read,
    ".parquet": read_parquet,
}


def call(path: str, arguments: dict[str, Any]) -> Source:
    """The Arrow table that the function at an import path returns for `arguments`."""
    function = find(path)
    try:
        inspect.signature(function).bind(**arguments)
    except (TypeError, ValueError) as error:  # what is written in C may not tell its arguments
        raise InputError(f"config: corpus.arguments do not fit {path}: {error}") from None
    with own_code.failing(str(getattr(function, "__module__", "")), f"config: corpus.function={path!r} fails"):
        table = function(**arguments)
    if not isinstance(table, pa.Table):
        raise InputError(f"config: corpus.function={path!r} returned {type(table).__name__}, not a pyarrow.Table")
    return Source(f"{path}()", table, numbered(table))


def find(path: str) -> Callable[..., Any]:
    function = own_code.imported(path, "corpus.function")
    if not callable(function):
        raise InputError(f"config: corpus.function={path!r} is not a function")
    return function  # type: ignore[no-any-return]
