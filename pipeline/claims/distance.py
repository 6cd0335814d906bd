"""Claim 3: the further a review lies from the decision boundary, the surer the network is of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.layers import EMBEDDING, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import written
from pipeline.explain.boundary import distances

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
    "times; the boundaries stay as they are, so the intervals leave out how far another sample would move those. Empty "
    "where the network says the same of nearly all reviews: then there is no boundary."
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
    """How distance and confidence go together in a layer at an epoch; None where there is no boundary."""

    epoch: int
    layer: str
    found: dict[str, Estimate | None]


def related(layer: Layer) -> Related:
    """Rank correlation of the distance from the boundary, on whichever side, with the confidence |2p - 1|."""
    sides, confidence = layer.probability >= 0.5, np.abs(2 * layer.probability - 1)
    found: dict[str, Estimate | None] = {}
    for space, points in (("layer", layer.vectors), ("map", layer.places)):
        signed = distances(points, sides)
        found[space] = None if signed is None else intervals.bootstrapped_correlation(np.abs(signed), confidence)
    return Related(layer.epoch, layer.layer, found)


def judge(layers: Sequence[Related]) -> Claim:
    """layers: every layer in the order of display, at every epoch."""
    last = max((each.epoch for each in layers), default=0)
    final = [each for each in layers if each.epoch == last]
    parts = [
        at_least(
            f"Rank correlation of distance and confidence, {title(each.layer)}, {said}",
            each.found[space], STRONG, "number",
        )
        for each in final if each.layer != EMBEDDING
        for space, said in SPACES.items()
    ]  # fmt: skip
    names = list(dict.fromkeys(each.layer for each in layers))
    columns = (Column("epoch", "count"), *(Column(said, "number") for said in SPACES.values()))
    tables = tuple(
        Table(
            f"{title(name)[:1].upper()}{title(name)[1:]}: rank correlation of distance and confidence",
            columns,
            tuple((each.epoch, *(each.found[space] for space in SPACES)) for each in layers if each.layer == name),
        )
        for name in names
    )
    return Claim(
        number=3,
        title="Distance and confidence",
        sentence="The further a review lies from the decision boundary, the higher its probability.",
        verdict=verdict(parts),
        reading=reading(final, last),
        parts=tuple(parts),
        tables=tables,
        charts=tuple(each for space in SPACES if (each := chart(space, names, layers)).curves),
        measured=MEASURED,
    )


def reading(final: Sequence[Related], last: int) -> str:
    said = []
    for each in final:
        told = [f"{written(found, 'number')} {SPACES[space]}" for space, found in each.found.items() if found]
        if told:
            said.append(f"{title(each.layer)} {' and '.join(told)}")
    if not said:
        return f"At epoch {last} no layer has a boundary to measure from."
    return f"Rank correlation of distance and confidence at epoch {last}: {'; '.join(said)}."


def chart(space: str, names: Sequence[str], layers: Sequence[Related]) -> Chart:
    curves = []
    for name in names:
        found = [(each.epoch, each.found[space]) for each in layers if each.layer == name]
        points = tuple((epoch, estimate.value) for epoch, estimate in found if estimate is not None)
        if points:
            curves.append(Curve(title(name), points))
    return Chart(f"Distance {SPACES[space]}", f"Rank correlation, {SPACES[space]}", "number", tuple(curves))
