"""Claim 7: what is dense in one layer stays dense in the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.claims import intervals
from pipeline.claims.layers import AGAIN, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import listed, written

KEPT = 0.5


@dataclass(frozen=True)
class Step:
    """From a layer to the next at an epoch: rank correlation of the local density of so many reviews; None where one
    of the layers has one vector for all, and so no densities."""

    epoch: int
    layer: str
    following: str
    correlation: float | None
    reviews: int

    @property
    def found(self) -> Estimate | None:
        return None if self.correlation is None else intervals.rank_correlation(self.correlation, self.reviews)


def named(layer: str, following: str) -> str:
    return f"{title(layer)} to {title(following)}"


def judge(steps: Sequence[Step], layers: Sequence[str], last: int) -> Claim:
    """steps: between neighbouring layers, at every epoch; layers: in the order of display; last: the last epoch. A pair
    of neighbours without a correlation at the last epoch is not tested, and then the claim is not."""
    pairs = list(pairwise(layers))
    at = {(step.epoch, step.layer, step.following): step for step in steps}
    final = [at.get((last, *pair)) for pair in pairs]
    parts = [
        at_least(f"Rank correlation of density, {named(*pair)}", step.found if step else None, KEPT, "number")
        for pair, step in zip(pairs, final, strict=True)
    ]
    names = [named(*pair) for pair in pairs]
    epochs = sorted({step.epoch for step in steps})
    rows = tuple(
        (epoch, *(step.found if (step := at.get((epoch, *pair))) else None for pair in pairs)) for epoch in epochs
    )
    heads = (Column("epoch", "count"), *(Column(name, "number") for name in names))
    return Claim(
        number=7,
        title="Density",
        sentence="What is dense in one layer stays dense in the next.",
        verdict=verdict(parts),
        reading=reading(pairs, final, last),
        parts=tuple(parts),
        tables=(Table("Rank correlation of local density", heads, rows),) if rows else (),
        charts=tuple(each for each in (chart(pairs, steps),) if each.curves),
        measured=(
            "The density around a review is told by the distances to its nearest neighbours in the layer's own "
            "vectors. Spearman's rank correlation between neighbouring layers over the mapped reviews, with the "
            f"interval of Bonett and Wright. The claim asks for at least {written(KEPT, 'number')} between all of them "
            "at the last epoch."
        ),
    )


def reading(pairs: Sequence[tuple[str, str]], final: Sequence[Step | None], last: int) -> str:
    if not pairs:
        return "Not tested: the run maps no two layers."
    said = [(named(*pair), step) for pair, step in zip(pairs, final, strict=True)]
    told = [f"{written(step.found, 'number')} from {name}" for name, step in said if step and step.found]
    sentences = [f"Rank correlation of local density at epoch {last}: {listed(told)}."] if told else []
    absent = [name for name, step in said if step is None]
    alike = [name for name, step in said if step is not None and step.found is None]
    if absent:
        sentences.append(
            f"Not tested from {listed(absent)}: the store holds no densities of these layers at epoch {last}; {AGAIN}."
        )
    if alike:
        sentences.append(
            f"Not tested from {listed(alike)}: at epoch {last} one of the two layers has one vector for all reviews."
        )
    return " ".join(sentences)


def chart(pairs: Sequence[tuple[str, str]], steps: Sequence[Step]) -> Chart:
    curves = []
    for pair in pairs:
        own = [step for step in steps if (step.layer, step.following) == pair]
        points = tuple((step.epoch, step.correlation) for step in own if step.correlation is not None)
        if points:
            curves.append(Curve(named(*pair), points))
    return Chart("Density", "Rank correlation of local density", "number", tuple(curves))
