"""Claim 6: neutral words such as *authors* carry an impact. Is it the unknown token, or the balance of classes?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.report import Claim, Column, Estimate, Part, Table
from pipeline.claims.verdicts import at_least, at_most, verdict
from pipeline.claims.words import listed, written

Floats = npt.NDArray[np.float64]
NAMED = "authors"  # the paper's own
UNKNOWN = "any unknown word"  # all of them are one to the network
WORDS = (
    "authors", "author", "writer", "writers", "book", "novel", "director", "directors", "actor", "actors", "actress",
    "character", "characters", "scene", "movie", "film", "people", "man", "woman", "family", "john", "michael", "mary",
    "london", "moscow", "monday", "rugby",
)  # fmt: skip
CARRIES = 0.001  # mean impact, in probability, from which on a word counts as carrying one
COLOURED = 0.1  # of a review's largest impact, from which on the paper colours a word
HALF = 0.5  # of the words agree by chance
FEWEST = 4  # words of which a rank correlation has an interval


@dataclass(frozen=True)
class Word:
    """A word. known: whether it is in the vocabulary; negative, positive: training reviews of each class that hold it,
    of an unknown word those that hold any: all are one token to the network; impacts: (places,) in the test reviews at
    the last explained epoch; relative: (places,) their size as a share of the largest impact in the same review; even:
    the share of positive among all training reviews."""

    word: str
    known: bool
    negative: int
    positive: int
    even: float
    impacts: Floats
    relative: Floats

    @cached_property
    def share(self) -> Estimate | None:
        """Of the training reviews that hold the word, the positive ones."""
        return intervals.share(self.positive, self.positive + self.negative)

    @cached_property
    def impact(self) -> Estimate | None:
        return intervals.mean(self.impacts)

    @property
    def size(self) -> Estimate | None:
        """The mean impact without its sign: how surely is it not 0?"""
        return None if self.impact is None else self.impact.times(self.direction)

    @property
    def direction(self) -> int:
        """Which way its mean impact moves the probability of positive: 1 or -1."""
        return -1 if self.impact is not None and self.impact.value < 0 else 1

    @property
    def sure(self) -> bool:
        """Whether the interval of its mean impact leaves out 0."""
        return self.size is not None and self.size.low is not None and self.size.low > 0

    @property
    def leaning(self) -> int:
        """1 if the word surely stands in positive training reviews more often than not, -1 in negative ones, else 0."""
        if self.share is None or self.share.low is None or self.share.high is None:
            return 0
        return int(self.share.low > self.even) - int(self.share.high < self.even)

    @property
    def agrees(self) -> bool | None:
        """Whether its balance leans the way of its mean impact; None where one of the two is not sure."""
        return self.leaning == self.direction if self.leaning and self.sure else None

    @property
    def towards(self) -> Estimate | None:
        """Of the training reviews that hold the word, those of the class that its mean impact moves towards."""
        there = self.positive if self.direction > 0 else self.negative
        return intervals.share(there, self.positive + self.negative)


def judge(words: Sequence[Word], epoch: int) -> Claim:
    """words: the one that the paper names first, UNKNOWN last; epoch: the last explained, whose impacts they are."""
    named, unknown = words[0], words[-1]
    even = round(named.even if named.direction > 0 else 1 - named.even, 3)  # as the rule is written
    parts = (
        at_least(f"Mean impact of “{named.word}”, without its sign", named.size, CARRIES, "size"),
        at_most(f"Entries of the vocabulary that are “{named.word}”", Estimate(int(named.known)), 0, "count"),
        at_least(
            f"Share of the training reviews with “{named.word}” that are of the class its mean impact moves towards",
            named.towards if named.impact else None, even,
        ),
    )  # fmt: skip
    return Claim(
        number=6,
        title="Neutral words",
        sentence=(
            f"A neutral word such as “{NAMED}” carries an impact, because the network does not know the word or "
            "because it stands in more training reviews of one class (the paper leaves open which)."
        ),
        verdict=verdict(parts),
        reading=f"{of_the_named(named, parts)} {of_all(words)}",
        parts=parts,
        tables=(table(words, unknown), together(words)),
        charts=(),
        measured=measured(named.even, epoch),
    )


def measured(even: float, epoch: int) -> str:
    return (
        f"Impacts at epoch {epoch} over all places of the word in the explained test reviews; their mean has Student's "
        "interval, somewhat too narrow where one review holds the word often. A word carries an impact if the mean is "
        f"surely at least {written(CARRIES, 'size')} from 0; it is coloured, as in the paper, where its impact is more "
        f"than {written(COLOURED, 'percent')} of the largest in its review. Known words are those of the vocabulary; "
        "all others are one and the same token to the network, so they have one balance of classes, that of the token. "
        "The balance of a word leans if, of the training reviews that hold it in the part that the network reads, the "
        f"share of positive ones surely differs from that of all reviews ({written(even, 'percent')}; Wilson's "
        "interval). That it leans the way of the impact does not make it the cause: two signs agree by chance half of "
        "the time, so it is counted over all words whether they agree more often, and whether the share and the impact "
        "rise together (Spearman's rank correlation, interval of Bonett and Wright). The paper's two explanations are "
        f"statements of their own: that “{NAMED}” is not in the vocabulary, and that its training reviews are of the "
        "class its impact moves towards more often than all reviews are. An impact may also belong to the words around "
        "the word: it is what reading it does at that place."
    )


def table(words: Sequence[Word], unknown: Word) -> Table:
    heads = (
        Column("word"), Column("known"), Column("negative reviews", "count"), Column("positive reviews", "count"),
        Column("share positive", "percent"), Column("places tested", "count"), Column("mean impact", "points"),
        Column("coloured", "percent"), Column("balance leans the same way"),
    )  # fmt: skip
    return Table("Neutral words", heads, tuple(row(word, unknown) for word in words))


def row(word: Word, unknown: Word) -> tuple[Estimate | str | int | None, ...]:
    coloured = intervals.share(int((word.relative > COLOURED).sum()), len(word.relative))
    agrees = (word if word.known else unknown).agrees
    return (
        word.word, "yes" if word.known else "no", word.negative, word.positive, word.share,
        len(word.impacts), word.impact, coloured, None if agrees is None else "yes" if agrees else "no",
    )  # fmt: skip


def agreement(words: Sequence[Word]) -> tuple[int, int]:
    """(known words whose balance leans the way of their impact, those of which both are sure)."""
    told = [word.agrees for word in words if word.known and word.agrees is not None]
    return sum(told), len(told)


def rising(words: Sequence[Word]) -> tuple[Estimate | None, int]:
    """Rank correlation of the share of positive and the mean impact over the known words with an interval of both, and
    how many they are; None where one of the two is the same for all."""
    both = [
        (word.share.value, word.impact.value)
        for word in words
        if word.known and word.share and word.impact and word.impact.low is not None
    ]
    shares, impacts = (np.array([pair[place] for pair in both]) for place in (0, 1))
    if len(both) < FEWEST or np.ptp(shares) == 0 or np.ptp(impacts) == 0:
        return None, len(both)
    return intervals.rank_correlation(float(intervals.correlations(shares[None], impacts[None])[0]), len(both)), len(
        both
    )


def together(words: Sequence[Word]) -> Table:
    """Whether the balance of classes goes with the impact, over all known words."""
    (agree, leaning), (correlation, compared) = agreement(words), rising(words)
    heads = (Column("over the known words"), Column("words", "count"), Column("found"), Column("by chance"))
    share = intervals.share(agree, leaning)
    rows = (
        ("balance leans the way of the impact", leaning, written(share, "percent"), written(HALF, "percent")),
        ("rank correlation of share positive and mean impact", compared, written(correlation, "number"), "0.00"),
    )
    return Table("Whether the balance goes with the impact", heads, rows)


def of_the_named(named: Word, parts: Sequence[Part]) -> str:
    """What explains the impact of the paper's own word."""
    carries, absent, balance = (part.outcome for part in parts)
    said = f"“{named.word.capitalize()}” is {'a known word' if named.known else 'not in the vocabulary'}"
    if named.share is not None:
        holds = "hold it" if named.known else "hold an unknown word"
        said += f"; {named.negative + named.positive:,} training reviews {holds}, {written(named.share, 'percent')} of "
        said += "them positive"
    if carries == "not tested":
        return f"{said}. Not tested: no explained test review holds it."
    said += f". Its mean impact over {len(named.impacts):,} places is {written(named.impact, 'points')}"
    if carries != "yes":
        return f"{said}: it is not shown to carry an impact, and there is nothing to explain."
    if "yes" not in (absent, balance):
        sure = "" if balance == "no" else ", as far as so few reviews tell"
        return f"{said}: neither of the two explains it{sure}."
    causes = ["it is unknown"] * (absent == "yes") + ["its balance of classes leans the same way"] * (balance == "yes")
    return f"{said}: {listed(causes)}."


def of_all(words: Sequence[Word]) -> str:
    """Whether the balance explains the impacts of the other words."""
    (agree, leaning), (correlation, compared) = agreement(words), rising(words)
    carry = sum(word.size is not None and word.size.low is not None and word.size.low >= CARRIES for word in words)
    said = f"Of the {len(words)} words below {carry} carry an impact."
    if leaning:
        said += (
            f" Of the {leaning} known ones whose balance surely leans, it leans the way of the impact in {agree}: "
            f"{written(intervals.share(agree, leaning), 'percent')}, where chance gives half."
        )
    if correlation is not None:
        said += (
            f" Over the {compared} known words the rank correlation of share positive and mean impact is "
            f"{written(correlation, 'number')}."
        )
    return said
