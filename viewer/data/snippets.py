"""The beginning of a text on one line, as tables and details show it."""

import re

BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)  # all that corpora of reviews have of HTML


def characters(most: int) -> int:
    """How many characters of a text to ask the store for, for a snippet of `most`: breaks and blanks fall away."""
    return 2 * most + 20


def snippet(text: object, most: int) -> str:
    """The first `most` characters of a text, as whole words on one line, and "…" where more follows.

    text: the whole, or its first `characters(most)`; what looks like HTML stays what it is, but for line breaks.
    """
    beginning = str(text or "")
    line = " ".join(BREAK.sub(" ", beginning).split())
    if len(line) <= most and len(beginning) < characters(most):
        return line
    return line[:most].rsplit(" ", 1)[0] + " …"
