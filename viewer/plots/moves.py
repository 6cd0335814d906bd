"""What every element of a row moves, and how strongly that is drawn: signed shares, and the class it pulls towards."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.data.reading import Floats, Ints, Reading


@dataclass(frozen=True)
class Moves:
    """One row at one checkpoint.

    asked: the class in question; change: (T,) what each element changes for it, NaN where it is not known; pull: (T,)
    the largest change for any class, and toward: (T,) the number of that class, if that is what is coloured.
    """

    asked: str
    change: Floats
    pull: Floats | None = None
    toward: Ints | None = None

    @property
    def strongest(self) -> float:
        """What the strongest colour stands for."""
        return largest(self.change if self.pull is None else self.pull)


def moves(reading: Reading, epoch: int, measure: str, about: str) -> Moves:
    """What the elements move at a checkpoint, in probability or in log-odds.

    With more than two classes and none chosen in `about`, every element pulls towards a class of its own, and the class
    in question is the predicted one.
    """
    return of_changes(reading, epoch, reading.changes(measure, epoch), about)


def of_changes(reading: Reading, epoch: int, changes: Floats, about: str) -> Moves:
    """The same of any (T, K) changes of the classes of a reading."""
    asked = reading.asked(about, epoch)
    change: Floats = changes[:, reading.classes.index(asked)]
    if not reading.many or about in reading.classes:
        return Moves(asked, change)
    known = np.nan_to_num(changes, nan=-np.inf)
    toward = known.argmax(axis=1)
    return Moves(asked, change, changes[np.arange(len(changes)), toward], toward)


def largest(impact: Floats) -> float:
    """The largest |impact|, 0 for no words; NaN are not counted."""
    return float(np.nan_to_num(np.abs(impact)).max(initial=0.0))


def shares(impact: Floats, threshold: float, scale: float) -> Floats:
    """(T,) signed share of `scale` per word, from -1 to 1; exactly 0 for the words that are grey: those up to
    `threshold` of the sequence's own largest |impact|, and those of which nothing is known."""
    if scale <= 0:
        return np.zeros(len(impact))
    strong = np.abs(impact) > threshold * largest(impact)
    shown: Floats = np.where(strong, impact / scale, 0.0).clip(-1, 1)
    return shown


def last_turn(predicted: npt.ArrayLike) -> int | None:
    """The last position whose element changes the predicted class: (T + 1,) class numbers, -1 where there is none."""
    numbers = np.asarray(predicted)
    turns = np.flatnonzero((numbers[1:] != numbers[:-1]) & (numbers[:-1] >= 0))
    return int(turns[-1]) + 1 if len(turns) else None
