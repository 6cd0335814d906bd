"""JSON Lines: an object a line. A key that a line does not have is null there."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.data import encoding
from pipeline.data.rows import Rows
from pipeline.errors import InputError


def read(path: Path) -> tuple[pa.Table, Rows]:
    """The keys as columns in the order in which they appear; and the line of each object. Empty lines do not count."""
    objects, numbers = [], []
    # Split at line feeds alone: JSON allows other line separators within its strings.
    for number, line in enumerate(encoding.read(path).split("\n"), 1):
        if line.strip():
            objects.append(parsed(line, f"{path}: line {number}"))
            numbers.append(number)
    names = list(dict.fromkeys(name for one in objects for name in one))
    return pa.table({name: array([one.get(name) for one in objects]) for name in names}), Rows(numbers, "line", "")


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
    """The values with the type they share; as the JSON they were where they share none."""
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        texts = [one if one is None or isinstance(one, str) else json.dumps(one) for one in values]
        return pa.array([one and one.encode("utf-8", "replace").decode() for one in texts], pa.string())
