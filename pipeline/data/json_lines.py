"""JSON Lines: an object a line. A key that a line does not have is null there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.data import encoding
from pipeline.data.rows import Rows
from pipeline.errors import InputError


def read(path: Path) -> tuple[pa.Table, Rows]:
    """The keys as columns in the order in which they appear; and the line of each object. Empty lines do not count."""
    objects, numbers = [], []
    for number, line in lines(encoding.read(path, broken)):
        objects.append(parsed(line, f"{path}: line {number}"))
        numbers.append(number)
    names = list(dict.fromkeys(name for one in objects for name in one))
    try:
        table = pa.table({name: array([one.get(name) for one in objects]) for name in names})
    except UnicodeEncodeError:
        places = (place(one, number, encoding.HALF) for one, number in zip(objects, numbers, strict=True))
        where = next(filter(None, places))
        raise InputError(f"{path}: {where}: half of a surrogate pair, no character; write both halves") from None
    return table, Rows(numbers, "line", "")


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, and their numbers."""
    # Split at line feeds alone: JSON allows other line separators within its strings.
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def place(one: dict[str, Any], number: int, wrong: re.Pattern[str]) -> str | None:
    """The line and column of the first value, or its key, of an object that holds something wrong."""
    for name, value in one.items():
        if wrong.search(json.dumps({name: value}, ensure_ascii=False)):
            return f"line {number}, column {name!r}"
    return None


def broken(text: str) -> str | None:
    """The line and column of the first bytes that are not UTF-8; None where they cannot be known."""
    number, line = next((number, line) for number, line in lines(text) if encoding.BROKEN.search(line))
    try:
        return place(parsed(line, ""), number, encoding.BROKEN)
    except InputError:  # no JSON
        return None


def parsed(line: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON ({error.msg}, column {error.colno}); write one object a line") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; lists within lists without end
        raise InputError(f"{where}: not JSON that can be read ({error}); write one object a line") from None
    if not isinstance(found, dict):
        raise InputError(f"{where}: {type(found).__name__}, not an object; write one object a line")
    return found


def array(values: list[Any]) -> pa.Array:
    """The values with the type they share; as the JSON they were where they share none.

    Raises UnicodeEncodeError for half of a surrogate pair, which JSON can spell.
    """
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError):
        texts = [one if one is None or isinstance(one, str) else json.dumps(one) for one in values]
        return pa.array(texts, pa.string())
