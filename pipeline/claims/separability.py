"""Claim 2: mean word vectors do not separate the classes, LSTM states do, by a straight line."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.claims import intervals
from pipeline.claims.layers import EMBEDDING, LSTM, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Part, Table
from pipeline.claims.verdicts import at_least, at_most, verdict
from pipeline.claims.words import written

SEPARABLE = 0.8  # the accuracy the paper reports
INSEPARABLE = 0.6  # guessing is right on half
KINDS = ("linear", "neighbor", "linear_predicted", "neighbor_predicted")
HEADS = {
    "linear": "linear, true label",
    "neighbor": "nearest neighbours, true label",
    "linear_predicted": "linear, predicted label",
    "neighbor_predicted": "nearest neighbours, predicted label",
}


@dataclass(frozen=True)
class Probes:
    """Held-out accuracies of the probes on a layer's vectors at an epoch, judged on so many reviews.

    None where there is none: of the predicted label where the network says the same of all reviews.
    hit: share of a review's nearest on the layer's map, where the paper looked, that have its true label.
    """

    epoch: int
    layer: str
    judged: int
    linear: float | None
    neighbor: float | None
    linear_predicted: float | None
    neighbor_predicted: float | None
    hit: float | None = None

    def of(self, kind: str) -> Estimate | None:
        """One of KINDS with its interval."""
        value = getattr(self, kind)
        return None if value is None else intervals.share(value * self.judged, self.judged)

    def better(self, predicted: bool) -> Estimate | None:
        """The better of the two probes for one kind of label."""
        found = [self.of(kind) for kind in KINDS if kind.endswith("_predicted") == predicted]
        there = [each for each in found if each is not None]
        return max(there, key=lambda each: each.value) if len(there) == len(found) else None


MEASURED = (
    "On the reviews of the maps, balanced between the classes, a probe learns to tell the classes from the vectors of "
    "a layer and is judged on reviews it did not learn from: a straight boundary, and the vote of the nearest "
    f"neighbours. Separable means right on at least {written(SEPARABLE, 'percent')}, the accuracy that the paper "
    f"reports; inseparable means that no probe is right on more than {written(INSEPARABLE, 'percent')}. Intervals are "
    "Wilson's; they are a little too narrow, as the probes of a layer share most of what they learned from, and the "
    "better of two probes looks a little too good. Nearest on the map alike: the share of a review's nearest on the "
    "map that have its true label; a map may lose what the vectors hold. The paper coloured its maps by the predicted "
    "label, which the layers were trained to separate; the true label is the harder test."
)
NOTHING = Probes(0, "", 0, None, None, None, None)


def judge(probes: Sequence[Probes], own: Estimate | None = None) -> Claim:
    """probes: every layer in the order of display, at every epoch; own: the share of the same reviews that the network
    itself predicts right at the last."""
    last = max((each.epoch for each in probes), default=0)
    at = {(each.epoch, each.layer): each for each in probes}
    embedding, lstm = at.get((last, EMBEDDING), NOTHING), at.get((last, LSTM), NOTHING)
    parts = (
        at_most(f"Better probe on the {title(EMBEDDING)}, true label", embedding.better(False), INSEPARABLE),
        at_most(f"Better probe on the {title(EMBEDDING)}, predicted label", embedding.better(True), INSEPARABLE),
        at_least(f"Linear probe on the {title(LSTM)}, true label", lstm.of("linear"), SEPARABLE),
        at_least(f"Linear probe on the {title(LSTM)}, predicted label", lstm.of("linear_predicted"), SEPARABLE),
    )
    layers = list(dict.fromkeys(each.layer for each in probes))
    return Claim(
        number=2,
        title="Separability",
        sentence=(
            "Sentence embeddings (the mean of a review's word vectors) do not separate positive from negative; the "
            "states of the LSTM separate them linearly."
        ),
        verdict=verdict(parts),
        reading=reading(at, parts, last, own),
        parts=parts,
        tables=tuple(table(layer, probes) for layer in layers),
        charts=tuple(each for kind in ("linear", "linear_predicted") if (each := chart(kind, layers, probes)).curves),
        measured=MEASURED,
    )


def reading(at: dict[tuple[int, str], Probes], parts: Sequence[Part], last: int, own: Estimate | None) -> str:
    if any(part.found is None for part in parts):
        return "The store holds no probes of these layers; build its maps again."
    embedding, lstm = at[last, EMBEDDING], at[last, LSTM]
    said = (
        f"At epoch {last} a linear probe on the mean of the word vectors, which knows no word order, tells the true "
        f"label of {written(embedding.of('linear'), 'percent')} of the reviews, and what the network predicts of "
        f"{written(embedding.of('linear_predicted'), 'percent')}. On the LSTM state it tells "
        f"{written(lstm.of('linear'), 'percent')} and {written(lstm.of('linear_predicted'), 'percent')}."
    )
    if embedding.hit is not None and lstm.hit is not None:
        said += (
            f" On the maps, where the paper looked, {written(embedding.hit, 'percent')} of a review's nearest have its "
            f"true label (word vectors) and {written(lstm.hit, 'percent')} (LSTM state)."
        )
    if own is not None:
        said += f" The network itself is right on {written(own, 'percent')} of the reviews."
    of_embedding, of_lstm = (at.get((0, layer), NOTHING).of("linear") for layer in (EMBEDDING, LSTM))
    if of_embedding is not None and of_lstm is not None and last:
        said += (
            " In the untrained network a linear probe tells the true label of "
            f"{written(of_embedding, 'percent')} (word vectors) and {written(of_lstm, 'percent')} (LSTM state)."
        )
    return said


def table(layer: str, probes: Sequence[Probes]) -> Table:
    own = [each for each in probes if each.layer == layer]
    rows = tuple((each.epoch, each.judged, *(each.of(kind) for kind in KINDS), each.hit) for each in own)
    heads = (Column("epoch", "count"), Column("reviews", "count"))
    name = title(layer)
    return Table(
        f"{name[:1].upper()}{name[1:]}: share that a probe tells right",
        (*heads, *(Column(HEADS[kind], "percent") for kind in KINDS), Column("nearest on the map alike", "percent")),
        rows,
    )


def chart(kind: str, layers: Sequence[str], probes: Sequence[Probes]) -> Chart:
    curves = []
    for layer in layers:
        points = [(each.epoch, getattr(each, kind)) for each in probes if each.layer == layer]
        curves.append(Curve(title(layer), tuple((epoch, value) for epoch, value in points if value is not None)))
    whose = "predicted" if kind.endswith("_predicted") else "true"
    return Chart(
        f"Linear probe, {whose} label",
        f"Told right, {whose} label (%)",
        "percent",
        tuple(curve for curve in curves if curve.points),
    )
