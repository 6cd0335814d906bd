"""A set of examples picked on the maps or by a condition: as text for a link, and as a file under a name.

Reads and writes `store.Run.selections`, one JSON file a saved selection; reads the table mapped.
"""

import base64
import binascii
import hashlib
import json
import operator
import unicodedata
import zlib
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import regex

from pipeline import store
from pipeline.errors import InputError
from viewer.data.source import Source

MOST_EXAMPLES = 1_000_000
LARGEST_EXAMPLE = 2**31 - 1  # the column is an INTEGER
LONGEST_FILE = 32_000_000  # bytes; a million numbers fit
LONGEST_NAME = 60
MOST_LINKS = 1_000
NAME = regex.compile(r"[\p{L}\p{N}\p{M} _-]+")
FOR_A_LINK = regex.compile(r"link-[0-9a-f]{16}")
DAMAGED = "the list of selected reviews is damaged; select them again, or ask for the whole link"


@dataclass(frozen=True)
class Selection:
    """`examples`: row numbers in the corpus, rising.

    condition: how they were found, if by a condition (see `viewer.data.conditions`); name: under which they are
    saved, if they are; run: the run that condition and name belong to.
    """

    examples: tuple[int, ...] = ()
    condition: str = ""
    name: str = ""
    run: str = ""

    def among(self, mapped: Container[int]) -> "Selection":
        """The same without examples that are not mapped; what is left of more has neither condition nor name."""
        there = tuple(example for example in self.examples if example in mapped)
        return self if len(there) == len(self.examples) else Selection(there)


NOTHING = Selection()


def selectable(source: Source, run: str) -> set[int]:
    """The numbers of the examples that a run maps."""
    return set(source.frame("SELECT example FROM mapped WHERE run = ?", run)["example"])


def encode(selection: Selection) -> str:
    """The examples as text for an address; `decode` reads it.

    The steps from each number to the next as four bytes each, all first bytes before all second ones (most higher
    bytes are 0), packed by zlib, which adds a checksum: about 1.4 characters for each of 500 examples of 25,000.
    """
    steps = np.diff(np.array(selection.examples, np.int64), prepend=0).astype("<u4")
    packed = zlib.compress(steps.view(np.uint8).reshape(-1, 4).T.tobytes(), level=9)
    return for_address(packed)


def for_address(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> tuple[int, ...]:
    """The examples that `encode` wrote; InputError for any other text. Unpacks at most 4 MB."""
    try:
        packed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        planes = unpacking.decompress(packed, 4 * MOST_EXAMPLES + 1)
    except (UnicodeEncodeError, binascii.Error, zlib.error):
        raise InputError(DAMAGED) from None
    whole = unpacking.eof and not unpacking.unused_data and len(planes) % 4 == 0 and len(planes) <= 4 * MOST_EXAMPLES
    if not whole or for_address(packed) != text:  # Python's decoder skips over characters that do not belong
        raise InputError(DAMAGED)
    steps = np.ascontiguousarray(np.frombuffer(planes, np.uint8).reshape(4, -1).T).view("<u4").ravel()
    return checked(np.cumsum(steps, dtype=np.int64).tolist(), DAMAGED)


def save(run: store.Run, name: str, selection: Selection) -> Selection:
    """Keep a selection under a name, in place of an older one of that name; the selection as it is saved.

    InputError where the name is not one of at most 60 letters, digits, spaces, - and _.
    """
    name = proper(name)
    content = {"condition": selection.condition, "examples": list(selection.examples)}
    store.write_text(run.selections / f"{name}.json", json.dumps(content))
    return replace(selection, name=name, run=run.name)


def load(run: store.Run, name: str) -> Selection:
    """A saved selection; InputError where there is none of that name, or its file is damaged."""
    name = proper(name)
    path = run.selections / f"{name}.json"
    damaged = f"{path}: not a saved selection; delete the file, and save the selection again"
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(LONGEST_FILE))
    except FileNotFoundError:
        raise InputError(f"no selection {name!r} is saved for run {run.name!r}") from None
    except OSError as failure:
        raise InputError(f"{path}: {failure.strerror}; save the selection again") from None
    except (ValueError, RecursionError):
        raise InputError(damaged) from None
    if not isinstance(content, dict) or not isinstance(content.get("condition"), str):
        raise InputError(damaged)
    given_name = "" if FOR_A_LINK.fullmatch(name) else name
    return Selection(checked(content.get("examples"), damaged), content["condition"], given_name, run.name)


def saved(run: store.Run) -> list[str]:
    """The names that people gave, in alphabetical order; selections kept for links are not among them."""
    names = (path.stem for path in run.selections.glob("*.json"))
    return sorted((name for name in names if not FOR_A_LINK.fullmatch(name)), key=str.casefold)


def remove(run: store.Run, name: str) -> None:
    """Forget a saved selection; nothing happens where there is none of that name."""
    (run.selections / f"{proper(name)}.json").unlink(missing_ok=True)


def keep_for_link(run: store.Run, selection: Selection) -> str:
    """Save a selection under a name made from its content, once; the name.

    Of a run those MOST_LINKS are kept that were put into a link last: every drag around many reviews makes one.
    """
    content = repr((selection.examples, selection.condition))
    name = f"link-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    path = run.selections / f"{name}.json"
    if path.exists():
        path.touch()
    else:
        save(run, name, selection)
        forget_oldest(one for one in run.selections.glob("link-*.json") if FOR_A_LINK.fullmatch(one.stem))
    return name


def forget_oldest(files: Iterable[Path]) -> None:
    """Remove the files that were touched longest ago, beyond MOST_LINKS; another process may do the same meanwhile."""
    kept = []
    for path in files:
        with suppress(FileNotFoundError):
            kept.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(kept)[: max(0, len(kept) - MOST_LINKS)]:
        path.unlink(missing_ok=True)


def proper(name: str) -> str:
    """The name without white space around it, in Unicode's composed form; InputError where it cannot be one."""
    name = unicodedata.normalize("NFC", name).strip()
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InputError(
            f"the name of a selection: letters, digits, spaces, - and _, at most {LONGEST_NAME} characters"
        )
    return name


def checked(examples: Any, damaged: str) -> tuple[int, ...]:
    """`examples` as a tuple; InputError `damaged` unless it is a list of rising row numbers."""
    if not isinstance(examples, list) or len(examples) > MOST_EXAMPLES or not all(type(n) is int for n in examples):
        raise InputError(damaged)
    if examples and not (
        examples[0] >= 0 and all(map(operator.lt, examples, examples[1:])) and examples[-1] <= LARGEST_EXAMPLE
    ):
        raise InputError(damaged)
    return tuple(examples)
