"""Claim 6: neutral words such as *authors* carry an impact. Is it the unknown token, or the balance of classes?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.report import Claim, Column, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import listed, written

NAMED = "authors"  # the paper's own
UNKNOWN = "any unknown word"  # all of them are one to the network
WORDS = (
    "authors", "author", "writer", "writers", "book", "novel", "director", "directors", "actor", "actors", "actress",
    "character", "characters", "scene", "movie", "film", "people", "man", "woman", "family", "john", "michael", "mary",
    "london", "moscow", "monday", "rugby",
)  # fmt: skip
CARRIES = 0.001  # mean impact, in probability, from which on a word counts as carrying one
COLOURED = 0.1  # of a review's largest impact, from which on the paper colours a word
CAUSES = ("unknown token", "class imbalance", "neither", "no impact", "cannot be told")


@dataclass(frozen=True)
class Word:
    """A word. known: whether it is in the vocabulary; negative, positive: training reviews of each class that hold it;
    impacts: (places,) in the test reviews at the last epoch; relative: (places,) their size as a share of the largest
    impact in the same review; even: the share of positive among all training reviews."""

    word: str
    known: bool
    negative: int
    positive: int
    even: float
    impacts: npt.NDArray[np.float64]
    relative: npt.NDArray[np.float64]

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
        if self.impact is None:
            return None
        return self.impact if self.impact.value >= 0 else self.impact.times(-1)

    @cached_property
    def cause(self) -> str:
        """Where its impact comes from, one of CAUSES."""
        if self.size is None or self.size.low is None:
            return "cannot be told"
        if self.size.low < CARRIES:
            return "no impact"
        if not self.known:
            return "unknown token"
        return "class imbalance" if self.leaning * np.sign(self.impacts.mean()) > 0 else "neither"

    @property
    def leaning(self) -> int:
        """1 if the word surely stands in positive training reviews more often than not, -1 in negative ones, else 0."""
        if self.share is None or self.share.low is None or self.share.high is None:
            return 0
        return int(self.share.low > self.even) - int(self.share.high < self.even)


def judge(words: Sequence[Word], epoch: int) -> Claim:
    """words: the one that the paper names first; epoch: the last, whose impacts they are."""
    named = words[0]
    part = at_least(f"Mean impact of “{named.word}”, without its sign", named.size, CARRIES, "size")
    heads = (
        Column("word"), Column("known"), Column("negative reviews", "count"), Column("positive reviews", "count"),
        Column("share positive", "percent"), Column("places tested", "count"), Column("mean impact", "points"),
        Column("coloured", "percent"), Column("where its impact comes from"),
    )  # fmt: skip
    return Claim(
        number=6,
        title="Neutral words",
        sentence=(
            f"A neutral word such as “{NAMED}” carries an impact; the paper leaves open whether because it is unknown "
            "to the network or because of the balance of classes in training."
        ),
        verdict=verdict([part]),
        reading=reading(words),
        parts=(part,),
        tables=(Table("Neutral words", heads, tuple(row(word) for word in words)),),
        charts=(),
        measured=measured(named.even, epoch),
    )


def measured(even: float, epoch: int) -> str:
    return (
        f"Impacts at epoch {epoch} over all places of the word in the explained test reviews; their mean has Student's "
        "interval, somewhat too narrow where one review holds the word often. A word carries an impact if the mean is "
        f"surely at least {written(CARRIES, 'size')} from 0; it is coloured, as in the paper, where its impact is more "
        f"than {written(COLOURED, 'percent')} of the largest in its review. Known words are those of the vocabulary; "
        "all others are one and the same to the network. Class imbalance: of the training reviews that hold the word "
        "in the part that the network reads, the share of positive ones surely differs from that of all reviews "
        f"({written(even, 'percent')}; Wilson's interval), in the direction of the impact. Neither: a known word with "
        "an impact that its classes do not surely explain. An impact may also belong to the words around the word: it "
        "is what reading it does at that place. Of so many words, one or two come to stand on the wrong side of a 95 % "
        "interval by chance."
    )


def row(word: Word) -> tuple[Estimate | str | int | None, ...]:
    coloured = intervals.share(int((word.relative > COLOURED).sum()), len(word.relative))
    return (
        word.word, "yes" if word.known else "no", word.negative, word.positive, word.share, len(word.impacts),
        word.impact, coloured, word.cause,
    )  # fmt: skip


def reading(words: Sequence[Word]) -> str:
    named = words[0]
    known = "a known word" if named.known else "not in the vocabulary"
    said = f"“{named.word.capitalize()}” is {known}"
    if named.share is not None:
        said += (
            f"; {named.negative + named.positive:,} training reviews hold it, {written(named.share, 'percent')} of "
            "them positive"
        )
    said += (
        f". Its mean impact over {len(named.impacts):,} places is {written(named.impact, 'points')}: {named.cause}. "
    )
    counts = Counter(word.cause for word in words)
    told = [f"{cause}: {counts[cause]}" for cause in CAUSES if counts[cause]]
    return said + f"Of the {len(words)} words below: {listed(told)}."
