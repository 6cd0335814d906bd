"""Texts of the view that are too long for a link, such as a SELECT: kept in a file, and the link names it.

Reads and writes `text-<hash>.txt` in `store.Run.selections`, beside the selections that are kept for links.
"""

import errno
import hashlib
import os

import regex

from pipeline import store
from pipeline.errors import InputError
from viewer.data.selections import forget_oldest

NAME = regex.compile(r"text-[0-9a-f]{16}")
LONGEST_FILE = 4_000_000  # bytes; an uploaded sequence can be longer


def keep(run: store.Run, text: str) -> str:
    """Save a text under a name made from its content, once; the name. OSError where it cannot be written, or is over
    LONGEST_FILE."""
    text = text.encode("utf-8", "replace").decode()  # a browser can send half a character
    if len(text.encode()) > LONGEST_FILE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    name = named(text)
    path = run.selections / f"{name}.txt"
    if path.exists():
        path.touch()
    else:
        store.write_text(path, text)
        forget_oldest(one for one in run.selections.glob("text-*.txt") if NAME.fullmatch(one.stem))
    return name


def load(run: store.Run, name: str) -> str:
    """A text that was kept; InputError where there is none of that name, or its file is not what was written."""
    if not NAME.fullmatch(name):
        raise InputError("no text is kept under that name; ask for the whole link")
    path = run.selections / f"{name}.txt"
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_FILE).decode("utf-8", "replace")
    except FileNotFoundError:
        raise InputError(f"no text {name!r} is kept for run {run.name!r}; it stays where the link was made") from None
    except OSError as failure:
        raise InputError(f"{path}: {failure.strerror}") from None
    if named(text) != name:
        raise InputError(f"{path}: not the text that was kept; delete the file")
    return text


def named(text: str) -> str:
    return f"text-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
