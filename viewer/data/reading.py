"""A text as one run reads it, word by word, at several checkpoints: what every row of coloured words is drawn from."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Word:
    """An element that the network reads: text[start:stop]. `known`: whether it is in the vocabulary."""

    start: int
    stop: int
    known: bool


@dataclass(frozen=True)
class Reading:
    """A text and what a run's network says after each of its words.

    words: those that are read, in order; unread: places (start, stop) of the words beyond the cut;
    epochs: (E,) the checkpoints, rising; probability, logit: (E, T + 1), of the positive class after 0, 1, ..., T
    words; impact: (E, T + 1), the change of the probability, NaN at position 0;
    label: the true class, if known; example: its row number in the corpus, if stored.
    """

    text: str
    words: tuple[Word, ...]
    unread: tuple[tuple[int, int], ...]
    epochs: tuple[int, ...]
    probability: Floats
    logit: Floats
    impact: Floats
    classes: tuple[str, ...]
    positive: str
    label: str | None = None
    example: int | None = None
    notes: tuple[str, ...] = field(default=())

    def spelled(self, position: int) -> str:
        """The word at `position`, 1 being the first, in its own spelling."""
        word = self.words[position - 1]
        return self.text[word.start : word.stop]

    def final(self, epoch: int) -> float:
        """The probability of the positive class after the whole text."""
        return float(self.probability[self.epochs.index(epoch), -1])

    def predicted(self, epoch: int) -> str:
        negative = next(name for name in self.classes if name != self.positive)
        return self.positive if self.final(epoch) >= 0.5 else negative

    def logit_impact(self) -> Floats:
        """(E, T + 1): the change of the log-odds, NaN at position 0."""
        change = np.full_like(self.logit, np.nan)
        change[:, 1:] = np.diff(self.logit, axis=1)
        return change


def confidence(probability: float) -> float:
    """|2p - 1|: 0 undecided, 1 certain (the paper's figures show this, not the probability)."""
    return abs(2 * probability - 1)
