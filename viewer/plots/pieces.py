"""A text cut into what is drawn: words, what stands between them, line breaks, what is not read. And texts made from it
by leaving out or replacing a word, and two texts aligned word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from pipeline.data.words import LINE_BREAK, normal
from viewer.data.reading import Reading

Kind = Literal["word", "gap", "break", "unread", "missing"]
MOST_UNREAD = 150  # words beyond the cut that are drawn


@dataclass(frozen=True)
class Piece:
    """A part of a text. word: read by the network; gap: between words; break: a tag that breaks a line; unread: beyond
    the cut; missing: a word of the other text only, for which room is left."""

    kind: Kind
    text: str


def pieces(reading: Reading, most_unread: int = MOST_UNREAD) -> tuple[list[Piece], int]:
    """The parts of a text in their order and how many unread words they leave out at the end.

    Without `missing` ones, joined they are the text, up to where the unread words are cut off.
    """
    found: list[Piece] = []
    place = 0
    for word in reading.words:
        found += between(reading.text[place : word.start], "gap")
        found.append(Piece("word", reading.text[word.start : word.stop]))
        place = word.stop
    shown = reading.unread[:most_unread]
    left_out = len(reading.unread) - len(shown)
    if shown:
        gap = reading.text[place : shown[0][0]]
        found += between(gap, "gap")
        found += between(reading.text[shown[0][0] : shown[-1][1] if left_out else None], "unread")
    elif not left_out:
        found += between(reading.text[place:], "gap")
    return found, left_out


def between(text: str, kind: Kind) -> list[Piece]:
    """Text without words to be coloured, its line breaks apart."""
    found: list[Piece] = []
    place = 0
    for tag in LINE_BREAK.finditer(text):
        found += [Piece(kind, text[place : tag.start()]), Piece("break", tag.group())]
        place = tag.end()
    return [piece for piece in [*found, Piece(kind, text[place:])] if piece.text]


@dataclass(frozen=True)
class Aligned:
    """Two texts side by side: the slots (1, 2, ...) of the words of each, rising. Words in one slot belong together."""

    first: tuple[int, ...]
    second: tuple[int, ...]

    @property
    def slots(self) -> int:
        return max((0, *self.first[-1:], *self.second[-1:]))

    def named(self, first: Reading, second: Reading) -> list[str]:
        """The word at each slot, of both texts the first's."""
        of_second = {slot: second.spelled(t) for t, slot in enumerate(self.second, 1)}
        spelled = of_second | {slot: first.spelled(t) for t, slot in enumerate(self.first, 1)}
        return [spelled[slot] for slot in sorted(spelled)]


def aligned(first: Reading, second: Reading) -> Aligned:
    """Slots such that words that are the same but for case share one, as do stretches of equal length that stand for
    each other; every other word has a slot of its own (difflib, without its heuristic for frequent words)."""
    ones, others = ([normal(r.spelled(t)) for t in range(1, len(r.words) + 1)] for r in (first, second))
    slots: tuple[list[int], list[int]] = ([], [])
    used = 0
    for kind, a, b, c, d in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        if kind == "equal" or b - a == d - c:
            for side in slots:
                side += range(used + 1, used + b - a + 1)
            used += b - a
        else:
            slots[0].extend(range(used + 1, used + b - a + 1))
            slots[1].extend(range(used + b - a + 1, used + b - a + d - c + 1))
            used += b - a + d - c
    return Aligned(tuple(slots[0]), tuple(slots[1]))


def with_missing(
    parts: Sequence[Piece], own: Sequence[int], other: Sequence[int], spelled: Sequence[str]
) -> list[Piece]:
    """The pieces of a text with room for the words that only the other one has.

    own, other: slots of both texts' words; spelled: the other's words.
    """
    absent = [(slot, word) for slot, word in zip(other, spelled, strict=True) if slot not in set(own)]
    found: list[Piece] = []
    number = 0
    for part in parts:
        if part.kind == "word":
            while absent and absent[0][0] < own[number]:
                found.append(Piece("missing", absent.pop(0)[1]))
            number += 1
        elif number == len(own) and part.kind in ("unread", "gap") and absent:
            found += [Piece("missing", word) for _, word in absent]
            absent = []
        found.append(part)
    return found + [Piece("missing", word) for _, word in absent]


def without(reading: Reading, position: int) -> str:
    """The text without one of its words, 1 being the first, and without the space that stood before it, or after."""
    word = reading.words[position - 1]
    before, after = reading.text[: word.start], reading.text[word.stop :]
    if before[-1:].isspace() and not after[:1].isalnum():
        return before[:-1] + after
    if not before and after[:1].isspace():
        return after[1:]
    return before + after


def replaced(reading: Reading, position: int, by: str) -> str:
    """The text with something else in the place of one of its words."""
    word = reading.words[position - 1]
    return reading.text[: word.start] + by + reading.text[word.stop :]
