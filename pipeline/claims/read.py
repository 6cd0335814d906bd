"""Sentences as the network of every epoch reads them, alone and in pairs that differ in a word: numbers by counting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.pairs import Pair
from pipeline.claims.report import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """One sentence as the network of every epoch reads it. words: as spelled; after: (epochs, words + 1) probability
    of positive after so many of them."""

    words: tuple[str, ...]
    after: Floats

    @property
    def final(self) -> Floats:
        return self.after[:, -1]

    @property
    def impacts(self) -> Floats:
        """(epochs, words) how far each word moves the probability."""
        return np.diff(self.after, axis=1)

    def strongest(self, epoch: int) -> str:
        """The word with the largest impact at the `epoch`-th checkpoint."""
        return self.words[int(np.abs(self.impacts[epoch]).argmax())].lower()

    def impact_of(self, word: str) -> Floats:
        """(places, epochs) impact of a word at each of its places."""
        places = [place for place, each in enumerate(self.words) if each.lower() == word]
        found: Floats = self.impacts[:, places].T
        return found


@dataclass(frozen=True)
class Sentences:
    """Some sentences, each with the word in it that is asked about."""

    read: tuple[Read, ...]
    words: tuple[str, ...]

    def moves_most(self, epoch: int) -> Estimate | None:
        """Share of the sentences in which the word moves the probability most."""
        return self._share([self._first(place, epoch) for place in range(len(self.read))])

    def called_negative(self, epoch: int) -> Estimate | None:
        return self._share([self._negative(place, epoch) for place in range(len(self.read))])

    def decided(self, epoch: int) -> Estimate | None:
        """Share of the sentences that are called negative and in which the word moves most."""
        return self._share([self._first(each, epoch) and self._negative(each, epoch) for each in range(len(self.read))])

    def _first(self, place: int, epoch: int) -> bool:
        return self.read[place].strongest(epoch) == self.words[place].lower()

    def _negative(self, place: int, epoch: int) -> bool:
        return bool(self.read[place].final[epoch] < 0.5)

    def _share(self, found: Sequence[bool]) -> Estimate | None:
        return intervals.share(sum(found), len(found))


@dataclass(frozen=True)
class Pairs:
    """Some pairs of one kind: (pairs, epochs) probabilities of positive of the first and of the second sentence, which
    should be moved up from one to the other (right: 1), down (-1) or not at all (0)."""

    right: int
    one: Floats
    other: Floats

    @cached_property
    def moves(self) -> Floats:
        """How far the probability moves the way it should; of neutral swaps how far it moves at all."""
        moved = self.other - self.one
        return moved * self.right if self.right else np.abs(moved)

    def moved_right(self, epoch: int) -> Estimate | None:
        return intervals.share(int((self.moves[:, epoch] > 0).sum()), len(self.moves))

    def moved(self, epoch: int) -> Estimate | None:
        return intervals.mean(self.moves[:, epoch])

    def ends_right(self, epoch: int) -> Estimate | None:
        """Share of the pairs whose second sentence is called what it means: positive where the probability should
        rise, negative where it should fall; of neutral swaps, what the first one is called."""
        wanted = self.right > 0 if self.right else self.one[:, epoch] >= 0.5
        return called(self.other[:, epoch], wanted)

    def starts_right(self, epoch: int) -> Estimate | None:
        """The same of the first sentence: positive where the probability should fall, else negative."""
        return called(self.one[:, epoch], self.right < 0)


def called(probability: Floats, positive: bool | npt.NDArray[np.bool_]) -> Estimate | None:
    """Share of the sentences that are called positive where that is what they mean, else negative."""
    return intervals.share(int(((probability >= 0.5) == positive).sum()), len(probability))


def gathered(pairs: Sequence[Pair], read: Mapping[str, Read]) -> Pairs:
    """Pairs of one kind."""
    (right,) = {pair.right for pair in pairs}
    one = np.stack([read[pair.one].final for pair in pairs])
    return Pairs(right, one, np.stack([read[pair.other].final for pair in pairs]))
