"""Files of text: UTF-8 or a mistake at a place."""

from pathlib import Path

from pipeline.errors import InputError


def read(path: Path) -> str:
    """The content of a file in UTF-8, with or without a byte order mark; line ends as they are."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Counted from the start of the file: after a byte order mark the decoder counts from behind it.
        at = error.start + len(content) - len(error.object)
        line = content.count(b"\n", 0, at) + 1
        raise InputError(
            f"{path}: line {line}: not UTF-8 (byte {at + 1} of the file, 0x{content[at]:02x}); save the file as UTF-8"
        ) from None
