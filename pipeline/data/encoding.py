"""Files of text: UTF-8 or a mistake at a place."""

import re
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import InputError

HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no character, though JSON can spell it; no file can hold it
BROKEN = re.compile("[\udc80-\udcff]")  # the halves that stand for bytes that are not UTF-8, where these are searched


def read(path: Path, place: Callable[[str], str | None]) -> str:
    """The content of a file in UTF-8, with or without a byte order mark; line ends as they are.

    place: where the first BROKEN stands in a text, as a person calls it: row and column; None if that cannot be known.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Counted from the start of the file: after a byte order mark the decoder counts from behind it.
        at = error.start + len(content) - len(error.object)
        line = content.count(b"\n", 0, at) + 1
        where = place(content.decode("utf-8-sig", "surrogateescape")) or f"line {line}"
        raise InputError(
            f"{path}: {where}: not UTF-8 (byte {at + 1} of the file, 0x{content[at]:02x}); save the file as UTF-8"
        ) from None
