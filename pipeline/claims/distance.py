"""Claim 3: the further a review lies from the decision boundary, the surer the network is of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.layers import AGAIN, EMBEDDING, capitalized, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import written
from pipeline.explain.boundary import FOLDS, distances

Floats = npt.NDArray[np.float64]
STRONG = 0.5
SPACES = {"layer": "in the layer", "map": "on the map"}


MEASURED = (
    "In each layer's vectors, and again on its map, a straight boundary (logistic regression) is drawn between the "
    "reviews that the network calls positive and those it calls negative, each time without the reviews that are "
    "measured. The distance of a review from it, on whichever side, is compared by Spearman's rank correlation with "
    "the network's confidence, |2p - 1|. That a review lies on one side or the other does not help the correlation. In "
    "the hidden layer it can hardly be otherwise: the output is one weighted sum of that layer. The claim asks for at "
    f"least {written(STRONG, 'number')} in every layer after the {title(EMBEDDING)}, which the paper finds to have no "
    f"boundary; it is told for those too. Intervals: percentile bootstrap over the reviews, {intervals.RESAMPLES:,} "
    "times; the boundaries stay as they are, so the intervals leave out how far another sample would move those. A "
    f"dash: the network calls nearly all reviews alike (fewer than {FOLDS} otherwise), as untrained ones do, and there "
    "is no boundary."
)


@dataclass(frozen=True)
class Layer:
    """A layer at an epoch: (n, width) vectors and (n, 2) places on the map of the mapped reviews, and what the network
    says of each: (n,) its probability of the positive class."""

    epoch: int
    layer: str
    vectors: Floats
    places: Floats
    probability: Floats


@dataclass(frozen=True)
class Related:
    """How distance and confidence go together in a layer at an epoch, over so many reviews of which the network calls
    so many positive; None where there is no boundary, or nothing differs."""

    epoch: int
    layer: str
    found: dict[str, Estimate | None]
    reviews: int
    positive: int

    @property
    def reason(self) -> str:
        """Why there is nothing to relate."""
        if min(self.positive, self.reviews - self.positive) < FOLDS:
            return f"the network calls {self.positive:,} of {self.reviews:,} reviews positive, so there is no boundary"
        return "all reviews lie at one place, or the network is as sure of one as of another"


def related(layer: Layer) -> Related:
    """Rank correlation of the distance from the boundary, on whichever side, with the confidence |2p - 1|."""
    sides, confidence = layer.probability >= 0.5, np.abs(2 * layer.probability - 1)
    found: dict[str, Estimate | None] = {}
    for space, points in (("layer", layer.vectors), ("map", layer.places)):
        signed = distances(points, sides)
        found[space] = None if signed is None else intervals.bootstrapped_correlation(np.abs(signed), confidence)
    return Related(layer.epoch, layer.layer, found, len(sides), int(sides.sum()))


def judge(found: Sequence[Related], layers: Sequence[str], last: int) -> Claim:
    """found: every layer at every epoch; layers: in the order of display; last: the last epoch. A layer that the
    claim is about and that is missing then is not tested, and then the claim is not."""
    at = {each.layer: each for each in found if each.epoch == last}
    parts = [
        at_least(
            f"Rank correlation of distance and confidence, {title(layer)}, {said}",
            at[layer].found[space] if layer in at else None, STRONG, "number",
        )
        for layer in layers if layer != EMBEDDING
        for space, said in SPACES.items()
    ]  # fmt: skip
    columns = (Column("epoch", "count"), *(Column(said, "number") for said in SPACES.values()))
    tables = tuple(
        Table(
            f"{capitalized(layer)}: rank correlation of distance and confidence",
            columns,
            tuple((each.epoch, *(each.found[space] for space in SPACES)) for each in found if each.layer == layer),
        )
        for layer in layers
    )
    return Claim(
        number=3,
        title="Distance and confidence",
        sentence="The further a review lies from the decision boundary, the higher its probability.",
        verdict=verdict(parts),
        reading=reading(at, layers, last),
        parts=tuple(parts),
        tables=tuple(table for table in tables if table.rows),
        charts=tuple(each for space in SPACES if (each := chart(space, layers, found)).curves),
        measured=MEASURED,
    )


def reading(at: Mapping[str, Related], layers: Sequence[str], last: int) -> str:
    said, without = [], []
    for layer in layers:
        if layer not in at:
            without.append(f"{capitalized(layer)}: the store holds no vectors and map at epoch {last}; {AGAIN}.")
            continue
        found = at[layer].found
        told = [f"{written(each, 'number')} {SPACES[space]}" for space, each in found.items() if each is not None]
        if told:
            said.append(f"{title(layer)} {' and '.join(told)}")
        if None in found.values():
            where = " and ".join(SPACES[space] for space, each in found.items() if each is None)
            without.append(f"{capitalized(layer)}, {where}: nothing to relate at epoch {last}; {at[layer].reason}.")
    sentences = [f"Rank correlation of distance and confidence at epoch {last}: {'; '.join(said)}."] if said else []
    return " ".join([*sentences, *without]) or "Not tested: the run maps no layers."


def chart(space: str, names: Sequence[str], layers: Sequence[Related]) -> Chart:
    curves = []
    for name in names:
        found = [(each.epoch, each.found[space]) for each in layers if each.layer == name]
        points = tuple((epoch, estimate.value) for epoch, estimate in found if estimate is not None)
        if points:
            curves.append(Curve(title(name), points))
    return Chart(f"Distance {SPACES[space]}", f"Rank correlation, {SPACES[space]}", "number", tuple(curves))
