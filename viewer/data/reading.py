"""A sequence as one run reads it, element by element, at several checkpoints: what every row of words is drawn from."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Word:
    """An element that the network reads: text[start:stop]. `known`: whether it is in the vocabulary."""

    start: int
    stop: int
    known: bool


@dataclass(frozen=True)
class Reading:
    """A sequence and what a run's network says after each of its elements: words, or steps, which are lines of numbers.

    words: those that are read, in order; unread: places (start, stop) of the words beyond the cut;
    epochs: (E,) the checkpoints, rising; probabilities, logits: (E, T + 1, K), of every class after 0, 1, ..., T words,
    NaN after none where the network is not defined on nothing; impacts: (E, T + 1, K), the changes of the
    probabilities, NaN at position 0, and at 1 where that has none;
    positive: the class whose probability is told unless another is asked for; label: the true class, if known;
    example: its row number in the corpus, if stored; attention: (E, T) weights of the words, if the network has some;
    steps: (all elements, channels), if they are numbers.
    """

    text: str
    words: tuple[Word, ...]
    unread: tuple[tuple[int, int], ...]
    epochs: tuple[int, ...]
    probabilities: Floats
    logits: Floats
    impacts: Floats
    classes: tuple[str, ...]
    positive: str
    label: str | None = None
    example: int | None = None
    notes: tuple[str, ...] = field(default=())
    attention: Floats | None = None
    steps: Floats | None = None

    @property
    def element(self) -> str:
        """What an element is called."""
        return "word" if self.steps is None else "step"

    @property
    def many(self) -> bool:
        """Whether there are more than two classes: then no single probability says all."""
        return len(self.classes) > 2

    def spelled(self, position: int) -> str:
        """The word at `position`, 1 being the first, in its own spelling."""
        word = self.words[position - 1]
        return self.text[word.start : word.stop]

    def place(self, epoch: int) -> int:
        """The row of the tables at a checkpoint."""
        return self.epochs.index(epoch)

    @property
    def probability(self) -> Floats:
        """(E, T + 1), of the class `positive`."""
        return self.of(self.probabilities, self.positive)

    @property
    def logit(self) -> Floats:
        return self.of(self.logits, self.positive)

    @property
    def impact(self) -> Floats:
        return self.of(self.impacts, self.positive)

    def of(self, table: Floats, name: str) -> Floats:
        """(E, T + 1), one class of one of the tables."""
        found: Floats = table[..., self.classes.index(name)]
        return found

    def final(self, epoch: int, name: str = "") -> float:
        """The probability of a class, the positive one unless named, after the whole text."""
        return float(self.of(self.probabilities, name or self.positive)[self.place(epoch), -1])

    def predictions(self, epoch: int) -> Ints:
        """(T + 1,) number of the class predicted after 0, 1, ..., T words; -1 where there is no answer."""
        return predictions(self.probabilities[self.place(epoch)])

    def predicted(self, epoch: int) -> str:
        """The class predicted after the whole text; empty where the network has no answer to it."""
        number = int(self.predictions(epoch)[-1])
        return self.classes[number] if number >= 0 else ""

    def confidence(self, epoch: int) -> float:
        """How sure the prediction is; NaN where there is none."""
        return confidence(float(self.probabilities[self.place(epoch), -1].max()), len(self.classes))

    def asked(self, about: str, epoch: int) -> str:
        """The class in question at a checkpoint: of two the positive; of more the one chosen, else the predicted."""
        if not self.many:
            return self.positive
        return about if about in self.classes else self.predicted(epoch) or self.positive

    def changes(self, measure: str, epoch: int) -> Floats:
        """(T, K) what each word changes for every class, in probability or in log-odds."""
        place = self.place(epoch)
        if measure == "probability":
            return self.impacts[place, 1:]
        found: Floats = np.diff(self.logits[place], axis=0)
        return found


def joined(one: Reading, other: Reading) -> Reading:
    """The same words at the checkpoints of both, which have none in common; all else is the first's.

    ValueError where they are not of the same words: then the tables do not fit.
    """
    if one.words != other.words:
        raise ValueError(f"{len(one.words)} words and {len(other.words)}, or others")
    order = np.argsort(one.epochs + other.epochs)

    def rows(first: Floats, second: Floats) -> Floats:
        found: Floats = np.concatenate([first, second])[order]
        return found

    both_attend = one.attention is not None and other.attention is not None
    return replace(
        one,
        epochs=tuple(sorted(one.epochs + other.epochs)),
        probabilities=rows(one.probabilities, other.probabilities),
        logits=rows(one.logits, other.logits),
        impacts=rows(one.impacts, other.impacts),
        attention=rows(one.attention, other.attention) if both_attend else None,  # type: ignore[arg-type]
    )


def both(probability: Floats, logit: Floats, impact: Floats) -> tuple[Floats, Floats, Floats]:
    """What a network says of two classes, (..., 2), from what it says of the second alone, (..., 1)."""
    return (
        np.concatenate([1 - probability, probability], axis=-1),
        np.concatenate([-logit, logit], axis=-1),
        np.concatenate([-impact, impact], axis=-1),
    )


def predictions(probabilities: Floats) -> Ints:
    """(...,) number of the likeliest of (..., K) classes, -1 where they are NaN; of two the second from 0.5 on."""
    if probabilities.shape[-1] == 2:
        found = (probabilities[..., 1] >= 0.5).astype(np.int64)
    else:
        found = np.nan_to_num(probabilities, nan=-1).argmax(axis=-1)
    answered: Ints = np.where(np.isnan(probabilities).any(axis=-1), -1, found)
    return answered


def confidence(largest: float, classes: int) -> float:
    """(p - 1/K) / (1 - 1/K), p being the largest of K probabilities: 0 undecided, 1 certain.

    For two classes that is |2p - 1|; the paper's figures show this, not the probability.
    """
    return (largest - 1 / classes) / (1 - 1 / classes)
