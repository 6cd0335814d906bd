"""Hybrid documents (Poerner, Roth & Schütze 2018): pieces of examples of two classes joined into one sequence.

A method finds a class in it if the element it holds highest for that class lies in a piece of that class. No one need
say what is right; but a piece need not speak for the class of the example it was taken from, so 1 is not to be reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
PIECES = 5  # of each class, or as many as fit


@dataclass(frozen=True)
class Hybrid:
    """elements: (length,) ids or (length, channels) numbers; owners: (length,) the class that each was taken from;
    classes: the two."""

    elements: np.ndarray
    owners: Ints
    classes: tuple[int, int]


def joined(
    pieces: Mapping[int, Sequence[np.ndarray]], count: int, longest: int, random: np.random.Generator
) -> list[Hybrid]:
    """`count` hybrid documents of at most `longest` elements; none where fewer than two classes have pieces.

    pieces: {class: arrays}. For each, two classes are drawn, and PIECES different pieces of each, cut at half of
    `longest`; as many of them as fit, the same number of each class, are joined in an order drawn anew.
    """
    filled = sorted(number for number, own in pieces.items() if len(own))
    if len(filled) < 2 or longest < 2:
        return []
    drawn = [random.choice(filled, 2, replace=False) for _ in range(count)]
    return [one(pieces, int(first), int(second), longest, random) for first, second in drawn]


def one(
    pieces: Mapping[int, Sequence[np.ndarray]], first: int, second: int, longest: int, random: np.random.Generator
) -> Hybrid:
    most = min(PIECES, len(pieces[first]), len(pieces[second]))
    drawn = {
        number: [pieces[number][place][: longest // 2] for place in random.choice(len(pieces[number]), most, False)]
        for number in (first, second)
    }
    fitting = most
    while sum(len(piece) for own in drawn.values() for piece in own[:fitting]) > longest:
        fitting -= 1
    parts = [(number, piece) for number, own in drawn.items() for piece in own[:fitting]]
    parts = [parts[place] for place in random.permutation(len(parts))]
    owners = np.concatenate([np.full(len(piece), number) for number, piece in parts])
    return Hybrid(np.concatenate([piece for _, piece in parts]), owners, (first, second))


def halves(steps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The first or the second half of a sequence that has no sentences."""
    middle = -(-len(steps) // 2)
    return steps[:middle] if random.random() < 0.5 or len(steps) < 2 else steps[middle:]


def hit(hybrid: Hybrid, scores: npt.NDArray[np.float64], number: int) -> bool:
    """Whether the highest of (length,) scores for a class lies in a piece of that class; of equal ones the first."""
    return bool(hybrid.owners[int(np.argmax(scores))] == number)
