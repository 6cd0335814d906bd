"""A short sign for each class, so that no class is told by its colour alone."""

from collections.abc import Sequence

LONGEST = 2  # characters of a sign


def marks(classes: Sequence[str]) -> tuple[str, ...]:
    """What is left of the names after what they all begin with, if that is short: 1, 2, ... of speaker 1, speaker 2;
    else the letters A, B, ... AA, AB, ..."""
    for start in dict.fromkeys((0, beginning(classes))):
        rest = [name[start:].strip() for name in classes]
        if all(0 < len(one) <= LONGEST for one in rest) and len(set(rest)) == len(rest):
            return tuple(rest)
    return tuple(letters(number) for number in range(len(classes)))


def beginning(classes: Sequence[str]) -> int:
    """How long the words are with which all names begin."""
    found = 0
    for place, signs in enumerate(zip(*classes, strict=False)):
        if len(set(signs)) > 1:
            break
        if signs[0] in " -_":
            found = place + 1
    return found


def letters(number: int) -> str:
    """A, B, ..., Z, AA, AB, ... for 0, 1, ..."""
    found = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        found = chr(ord("A") + last) + found
    return found
