"""Claim 5: *boring* alone decides, and *not boring* is not understood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.pairs import Pair
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table, Unit
from pipeline.claims.verdicts import at_least, at_most, verdict
from pipeline.claims.words import written

Floats = npt.NDArray[np.float64]
WORD = "boring"
DECIDES = 0.75  # of the sentences with the word: more than chance, though there are few
UNDERSTOOD = 0.5  # of the pairs: more often than not
KINDS = {
    "negative": "“not” before a negative word",
    "positive": "“not” before a positive word",
    "neutral": "neutral swap",
}


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


@dataclass(frozen=True)
class Pairs:
    """Some pairs of one kind, as read: (pairs, epochs) probabilities of positive without and with *not*, or with one
    and the other neutral word."""

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

    def ends_right(self, epoch: int) -> Estimate | None:
        """Share of the pairs whose second sentence is called what it means: positive where the probability should
        rise, negative where it should fall; of neutral swaps, what the first one is called."""
        wanted = self.right > 0 if self.right else self.one[:, epoch] >= 0.5
        return self.called(self.other[:, epoch], wanted)

    def starts_right(self, epoch: int) -> Estimate | None:
        """The same of the first sentence, without *not*."""
        return self.called(self.one[:, epoch], self.right < 0)

    @staticmethod
    def called(probability: Floats, positive: bool | npt.NDArray[np.bool_]) -> Estimate | None:
        """Share of the sentences that are called positive where that is what they mean, else negative."""
        return intervals.share(int(((probability >= 0.5) == positive).sum()), len(probability))

    def moved(self, epoch: int) -> Estimate | None:
        return intervals.mean(self.moves[:, epoch])


def judge(pairs: Sequence[Pair], read: Mapping[str, Read], epochs: Sequence[int]) -> Claim:
    """pairs: all of the file; read: every sentence of theirs; epochs: the checkpoints, in order."""
    kinds = {kind: gathered([pair for pair in pairs if pair.kind == kind], read) for kind in KINDS}
    own = [pair for pair in pairs if pair.word == WORD]
    boring, last = gathered(own, read), len(epochs) - 1
    sentences = [read[text] for pair in own for text in (pair.one, pair.other)]
    decides = intervals.share(sum(decided(sentence, last) for sentence in sentences), len(sentences))
    parts = (
        at_least(f"Sentences with “{WORD}” that are called negative and in which it moves most", decides, DECIDES),
        at_most(f"Sentences with “not {WORD}” that are called positive", boring.ends_right(last), UNDERSTOOD),
        at_most(
            "Sentences with “not” before any negative word that are called positive",
            kinds["negative"].ends_right(last),
            UNDERSTOOD,
        ),
    )
    alone = np.concatenate([impact_of("not", read[pair.other]) for pair in pairs if pair.kind != "neutral"])
    return Claim(
        number=5,
        title="Negation",
        sentence="“Boring” alone decides a sentence, and “not boring” is not understood.",
        verdict=verdict(parts),
        reading=reading(kinds, boring, decides, intervals.mean(alone[:, last]), epochs),
        parts=parts,
        tables=(
            table(f"“{WORD}” and “not {WORD}”", boring, epochs),
            *(table(words, kinds[kind], epochs) for kind, words in KINDS.items()),
            strongest(sentences, epochs),
        ),
        charts=(
            chart("Called what it means", "Called what it means (%)", kinds, epochs, Pairs.ends_right, "percent"),
            chart("How far it moves", "Mean move, right way (points)", kinds, epochs, Pairs.moved, "points"),
        ),
        measured=measured(pairs),
    )


def measured(pairs: Sequence[Pair]) -> str:
    negated = [pair for pair in pairs if pair.kind != "neutral"]
    words = {pair.word for pair in negated}
    return (
        f"{len(negated)} pairs of sentences with and without “not” before one of {len(words)} words, and "
        f"{len(pairs) - len(negated)} swaps of one neutral word for another, written for this test "
        "(pipeline/claims/pairs.csv) and read by the network of every epoch. The right way is up where “not” stands "
        "before a negative word, down before a positive one; a neutral swap should not move the probability. A "
        "sentence is called positive from one half on. Shares have Wilson's intervals, means Student's; the pairs "
        "share words and frames, so the intervals are somewhat too narrow. The network learned from long reviews: such "
        "short sentences are not what it is best at, as the sentences without “not” show."
    )


def gathered(pairs: Sequence[Pair], read: Mapping[str, Read]) -> Pairs:
    """Pairs of one kind."""
    (right,) = {pair.right for pair in pairs}
    one = np.stack([read[pair.one].final for pair in pairs])
    return Pairs(right, one, np.stack([read[pair.other].final for pair in pairs]))


def decided(sentence: Read, epoch: int) -> bool:
    """Whether the word in question moves most, and the sentence is called negative."""
    return sentence.strongest(epoch) == WORD and bool(sentence.final[epoch] < 0.5)


def impact_of(word: str, sentence: Read) -> Floats:
    """(places, epochs) impact of a word at each of its places."""
    places = [place for place, each in enumerate(sentence.words) if each.lower() == word]
    found: Floats = sentence.impacts[:, places].T
    return found


def reading(
    kinds: Mapping[str, Pairs], boring: Pairs, decides: Estimate | None, alone: Estimate | None, epochs: Sequence[int]
) -> str:
    last = len(epochs) - 1
    negative, positive, neutral = (kinds[kind] for kind in KINDS)
    lowered = positive.moved(last)
    return (
        f"At epoch {epochs[-1]}, in {written(decides, 'percent')} of the sentences with “{WORD}” it moves most and the "
        f"sentence is called negative. “Not” before it moves the probability of positive by "
        f"{written(boring.moved(last), 'points')}, and {written(boring.ends_right(last), 'percent')} of the sentences "
        f"with “not {WORD}” are called positive. Before any of the negative words it moves the probability up, as it "
        f"should, in {written(negative.moved_right(last), 'percent')} of the pairs, by "
        f"{written(negative.moved(last), 'points')} on average, and {written(negative.ends_right(last), 'percent')} "
        "are then called positive. Before positive words it moves it down, as it should, in "
        f"{written(positive.moved_right(last), 'percent')}, by {written(lowered and lowered.times(-1), 'points')}, and "
        f"{written(positive.ends_right(last), 'percent')} are then called negative; that needs no understanding where "
        f"“not” by itself lowers the probability: as it is read, by {written(alone, 'points')}. A neutral swap, which "
        f"should not move the probability at all, moves it by {written(neutral.moved(last), 'size')} on average."
    )


def table(title: str, pairs: Pairs, epochs: Sequence[int]) -> Table:
    """One kind of pair at every epoch."""
    heads = [Column("epoch", "count"), Column("pairs", "count")]
    if pairs.right:
        heads += [Column("moved the right way", "percent"), Column("mean move the right way", "points")]
        heads += [Column("called what it means, without “not”", "percent"), Column("with “not”", "percent")]
    else:
        heads += [Column("mean move", "size"), Column("called the same", "percent")]
    rows = []
    for place, epoch in enumerate(epochs):
        if pairs.right:
            cells = [pairs.moved_right(place), pairs.moved(place), pairs.starts_right(place), pairs.ends_right(place)]
        else:
            cells = [pairs.moved(place), pairs.ends_right(place)]
        rows.append((epoch, len(pairs.moves), *cells))
    return Table(title, tuple(heads), tuple(rows))


def strongest(sentences: Sequence[Read], epochs: Sequence[int]) -> Table:
    """In how many of the sentences the word in question moves most, and how many are called negative."""
    rows = []
    for place, epoch in enumerate(epochs):
        most = sum(sentence.strongest(place) == WORD for sentence in sentences)
        negative = sum(bool(sentence.final[place] < 0.5) for sentence in sentences)
        counted = (intervals.share(count, len(sentences)) for count in (most, negative))
        rows.append((epoch, len(sentences), *counted))
    heads: tuple[Column, ...] = (Column("epoch", "count"), Column("sentences", "count"))
    heads += (Column(f"“{WORD}” moves most", "percent"),)
    return Table(
        f"Sentences with “{WORD}”, with and without “not”", (*heads, Column("called negative", "percent")), tuple(rows)
    )


def chart(
    title: str, label: str, kinds: Mapping[str, Pairs], epochs: Sequence[int],
    measure: Callable[[Pairs, int], Estimate | None], unit: Unit,
) -> Chart:  # fmt: skip
    curves = []
    for kind, words in KINDS.items():
        found = [(epoch, measure(kinds[kind], place)) for place, epoch in enumerate(epochs)]
        curves.append(Curve(words, tuple((epoch, each.value) for epoch, each in found if each is not None)))
    return Chart(title, label, unit, tuple(curves))
