"""Pairs of sentences that differ in one word: with and without *not*, with a neutral word and with another word.

Reads pairs.csv beside this file: the sentence that both start from, what is swapped, and what that should do.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

FILE = Path(__file__).with_name("pairs.csv")
Kind = Literal["negative", "positive", "neutral", "baseline"]
KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True)
class Pair:
    """kind: of the word that *not* is put before, negative or positive; or "neutral" for a swap that says the same; or
    "baseline" for a neutral word that makes room for a negative one.

    word: the one that *not* is put before, the two that are swapped, or the neutral one that makes room; one, other:
    the sentences without and with *not*, with either word, or with the neutral and with the negative one.
    """

    kind: Kind
    word: str
    one: str
    other: str

    @property
    def right(self) -> int:
        """The way the probability of positive should move from `one` to `other`: up 1, down -1, not at all 0."""
        return {"negative": 1, "positive": -1, "neutral": 0, "baseline": -1}[self.kind]


def pairs(lines: Iterable[str] | None = None) -> list[Pair]:
    """All pairs of the file, or of lines of CSV, in order; {} in a frame is where the words stand."""
    if lines is None:
        lines = FILE.read_text(encoding="utf-8").splitlines()
    return [made(row) for row in csv.DictReader(lines)]


def made(row: dict[str, str]) -> Pair:
    kind, frame, first, second = KINDS[row["kind"]], row["frame"], row["word"], row["swapped for"]
    assert frame.count("{}") == 1
    word = f"{first} / {second}" if kind == "neutral" else first
    return Pair(kind, word, frame.replace("{}", first), frame.replace("{}", second))
