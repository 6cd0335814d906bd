"""CSV as spreadsheets write it: a header, quoted cells, commas, semicolons or tabs. An empty cell holds nothing."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipeline.data import encoding
from pipeline.data.rows import Rows
from pipeline.errors import InputError

LONGEST_CELL = 2**31 - 1  # the csv module refuses cells of more than 128 KiB unless told
DELIMITERS = ",;\t"
BLANK = re.compile(r'(?:(?:[,;\s]|"\s*"(?=[,;\s]))*[\r\n])?')  # lines of cells that hold nothing, in quotes or not
# A cell and what ends it. Quotes are only around a whole cell; elsewhere they are letters.
CELL = re.compile(r'(?: *"(?:[^"]++|"")*+"(?= *(?:[,;\t\r\n]|\Z)))?[^,;\t\r\n]*+([,;\t\r\n]?)')


def read(path: Path) -> tuple[pa.Table, Rows]:
    """All cells as text, an empty one as null; and what a spreadsheet or an editor calls each row."""
    text = encoding.read(path, broken)
    records = cells(text, path)
    top, header = first(records)
    if not header:
        raise InputError(f"{path}: no rows; a corpus needs a header and examples")
    repeated = [name for name in header if name and header.count(name) > 1]
    if repeated:
        raise InputError(f"{path}: the header names {repeated[0]!r} twice; columns must differ")
    columns: list[list[str | None]] = [[] for _ in header]
    numbers, lines = [], []
    for number, line, record in records:
        if not any(record):  # spreadsheets end their files with empty rows
            continue
        if len(record) != len(header):
            where = counted([number], [line], top).name(0)
            raise InputError(
                f"{path}: {where}: {len(record)} cells, but the header has {len(header)}; "
                f"put texts that hold the delimiter in double quotes"
            )
        numbers.append(number)
        lines.append(line)
        for column, cell in zip(columns, record, strict=True):
            column.append(cell or None)
    # A column without a name is the row number that pandas writes.
    named = {name: pa.array(column, pa.string()) for name, column in zip(header, columns, strict=True) if name}
    return pa.table(named), counted(numbers, lines, top)


def first(records: Iterator[tuple[int, int, list[str]]]) -> tuple[int, list[str]]:
    """The row of the header and its cells: the first row that is not blank. No cells where there is none."""
    return next(((number, record) for number, _, record in records if filled(record)), (0, []))


def filled(record: list[str]) -> bool:
    return any(cell.strip() for cell in record)


def cells(text: str, path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """(row as a spreadsheet counts, line on which it starts, cells) of every row, empty ones too."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    number = top = 0
    while True:
        number, line = number + 1, reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            where = counted([number], [line], top or number).name(0)
            raise InputError(
                f"{path}: {where}: not CSV ({error}); a double quote within quotes is written twice"
            ) from None
        if record is None:
            return
        if not top and filled(record):
            top = number
        yield number, line, record


def delimiter(text: str) -> str:
    """What stands between the cells of the header most often, outside of quotes; the comma where nothing does."""
    blank = BLANK.match(text)
    assert blank  # it may be empty
    ends = (cell[1] for cell in CELL.finditer(text, blank.end()))
    between = list(itertools.takewhile(lambda end: end and end in DELIMITERS, ends))
    return max(DELIMITERS, key=between.count)


def broken(text: str) -> str | None:
    """The row and column of the first bytes that are not UTF-8; None where they cannot be known."""
    try:
        records = cells(text, Path())
        top, header = first(records)
        if encoding.BROKEN.search("".join(header)):
            return None
        for number, line, record in records:
            places = [place for place, cell in enumerate(record) if encoding.BROKEN.search(cell)]
            if places:
                row, column = counted([number], [line], top).name(0), header[places[0] : places[0] + 1]
                return row + "".join(f", column {name!r}" for name in column)
    except InputError:  # what stands before them is no CSV
        pass
    return None


def counted(numbers: list[int], lines: list[int], top: int) -> Rows:
    return Rows(numbers, "row", f"the header is row {top}", lines)
