"""Claim 7: what is dense in one layer stays dense in the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.claims import intervals
from pipeline.claims.layers import title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import listed, written

KEPT = 0.5
NOTHING = "The store holds no densities of neighbouring layers; build its maps again."


@dataclass(frozen=True)
class Step:
    """From a layer to the next at an epoch: rank correlation of the local density of so many reviews."""

    epoch: int
    layer: str
    following: str
    correlation: float
    reviews: int

    @property
    def found(self) -> Estimate:
        return intervals.rank_correlation(self.correlation, self.reviews)

    @property
    def words(self) -> str:
        return f"{title(self.layer)} to {title(self.following)}"


def judge(steps: Sequence[Step]) -> Claim:
    """steps: between neighbouring layers, in the order of the layers, at every epoch."""
    last = max((step.epoch for step in steps), default=0)
    final = [step for step in steps if step.epoch == last]
    parts = [at_least(f"Rank correlation of density, {step.words}", step.found, KEPT, "number") for step in final]
    names = list(dict.fromkeys(step.words for step in steps))
    at = {(step.epoch, step.words): step.found for step in steps}
    epochs = sorted({step.epoch for step in steps})
    rows = tuple((epoch, *(at.get((epoch, name)) for name in names)) for epoch in epochs)
    heads = (Column("epoch", "count"), *(Column(name, "number") for name in names))
    told = [f"{written(step.found, 'number')} from {step.words}" for step in final]
    return Claim(
        number=7,
        title="Density",
        sentence="What is dense in one layer stays dense in the next.",
        verdict=verdict(parts),
        reading=f"Rank correlation of local density at epoch {last}: {listed(told)}." if told else NOTHING,
        parts=tuple(parts),
        tables=(Table("Rank correlation of local density", heads, rows),) if rows else (),
        charts=(chart(names, steps),) if steps else (),
        measured=(
            "The density around a review is told by the distances to its nearest neighbours in the layer's own "
            "vectors. Spearman's rank correlation between neighbouring layers over the mapped reviews, with the "
            f"interval of Bonett and Wright. The claim asks for at least {written(KEPT, 'number')} between all of them "
            "at the last epoch."
        ),
    )


def chart(names: Sequence[str], steps: Sequence[Step]) -> Chart:
    curves = [
        Curve(name, tuple((step.epoch, step.correlation) for step in steps if step.words == name)) for name in names
    ]
    return Chart("Density", "Rank correlation of local density", "number", tuple(curves))
