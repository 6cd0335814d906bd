"""Claim 2: mean word vectors do not separate the classes, LSTM states do, by a straight line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.claims import intervals
from pipeline.claims.layers import AGAIN, EMBEDDING, LSTM, capitalized, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, at_most, verdict
from pipeline.claims.words import listed, written
from pipeline.explain.probes import FOLDS

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

    None where there is none: of the predicted label where the network says the same of nearly all reviews.
    hit: share of a review's nearest on the layer's map, where the paper looked, that have its true label; positive:
    share of the reviews that the network calls so at the epoch.
    """

    epoch: int
    layer: str
    judged: int
    linear: float | None
    neighbor: float | None
    linear_predicted: float | None
    neighbor_predicted: float | None
    hit: float | None = None
    positive: float | None = None

    def of(self, kind: str) -> Estimate | None:
        """One of KINDS with its interval."""
        value = getattr(self, kind)
        return None if value is None else intervals.share(value * self.judged, self.judged)

    @property
    def better(self) -> Estimate | None:
        """The better of the two probes for the true label; None where one is missing."""
        found = [self.of(kind) for kind in ("linear", "neighbor")]
        there = [each for each in found if each is not None]
        return max(there, key=lambda each: each.value) if len(there) == len(found) else None

    @property
    def one_sided(self) -> bool:
        """Whether there is nothing to tell apart: the true label can be probed for, the predicted one cannot."""
        return self.linear is not None and self.linear_predicted is None


MEASURED = (
    "On the reviews of the maps, balanced between the classes, a probe learns to tell the classes from the vectors of "
    "a layer and is judged on reviews it did not learn from: a straight boundary, and the vote of the nearest "
    f"neighbours. Separable means right on at least {written(SEPARABLE, 'percent')}, the accuracy that the paper "
    f"reports; inseparable means that no probe is right on more than {written(INSEPARABLE, 'percent')}. Intervals are "
    "Wilson's; they are a little too narrow, as the probes of a layer share most of what they learned from, and the "
    "better of two probes looks a little too good. Nearest on the map alike: the share of a review's nearest on the "
    "map that have its true label; a map may lose what the vectors hold. The true label decides. The paper coloured "
    "its maps by the predicted label, which the layers were trained to separate: its probes are told and not counted. "
    f"A dash in their columns: the network calls nearly all reviews alike (fewer than {FOLDS} otherwise), as untrained "
    "ones do, and there is nothing to tell apart."
)
NOTHING = Probes(0, "", 0, None, None, None, None)


def judge(probes: Sequence[Probes], last: int, own: Estimate | None = None) -> Claim:
    """probes: every layer in the order of display, at every epoch; last: the last epoch, which decides; own: the share
    of the same reviews that the network itself predicts right then."""
    at = {(each.epoch, each.layer): each for each in probes}
    embedding, lstm = at.get((last, EMBEDDING), NOTHING), at.get((last, LSTM), NOTHING)
    parts = (
        at_most(f"Better probe on the {title(EMBEDDING)}, true label", embedding.better, INSEPARABLE),
        at_least(f"Linear probe on the {title(LSTM)}, true label", lstm.of("linear"), SEPARABLE),
    )
    layers = list(dict.fromkeys(each.layer for each in probes))
    tested = all(part.found is not None for part in parts)
    return Claim(
        number=2,
        title="Separability",
        sentence=(
            "Sentence embeddings (the mean of a review's word vectors) do not separate positive from negative; the "
            "states of the LSTM separate them linearly."
        ),
        verdict=verdict(parts),
        reading=reading(at, last, own) if tested else lacking(at, last),
        parts=parts,
        tables=tuple(table(layer, probes) for layer in layers),
        charts=tuple(each for kind in ("linear", "linear_predicted") if (each := chart(kind, layers, probes)).curves),
        measured=MEASURED,
    )


def lacking(at: Mapping[tuple[int, str], Probes], last: int) -> str:
    """Why the claim is not tested."""
    absent = [title(layer) for layer in (EMBEDDING, LSTM) if (last, layer) not in at]
    if absent:
        return f"Not tested: the store holds no probes of {listed(absent)} at epoch {last}; {AGAIN}."
    return (
        f"Not tested: at epoch {last} the store holds no probe of the true label. There is none where a class has "
        f"fewer than {FOLDS} reviews on the maps; else {AGAIN}."
    )


def reading(at: Mapping[tuple[int, str], Probes], last: int, own: Estimate | None) -> str:
    """Where the claim is tested."""
    embedding, lstm = at[last, EMBEDDING], at[last, LSTM]
    said = (
        f"At epoch {last} a linear probe on the mean of the word vectors, which knows no word order, tells the true "
        f"label of {written(embedding.of('linear'), 'percent')} of the reviews; on the LSTM state, of "
        f"{written(lstm.of('linear'), 'percent')}."
    )
    both = [each.of("linear_predicted") for each in (embedding, lstm)]
    if None not in both:
        told = " and ".join(written(each, "percent") for each in both)
        said += f" What the network predicts they tell of {told}: not counted, as that is nearly circular."
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
    return said + one_sided(at)


def one_sided(at: Mapping[tuple[int, str], Probes]) -> str:
    """At which epochs there is no probe of the predicted label, and why."""
    found = {epoch: each for (epoch, layer), each in sorted(at.items()) if layer == LSTM and each.one_sided}
    if not found:
        return ""
    told = [
        f"at epoch {epoch}"
        + ("" if each.positive is None else f" it calls {written(each.positive, 'percent')} positive")
        for epoch, each in found.items()
    ]
    return f" Where the network calls nearly all reviews alike no probe can tell what it predicts: {listed(told)}."


def table(layer: str, probes: Sequence[Probes]) -> Table:
    own = [each for each in probes if each.layer == layer]
    rows = tuple((each.epoch, each.judged, *(each.of(kind) for kind in KINDS), each.hit) for each in own)
    heads = (Column("epoch", "count"), Column("reviews", "count"))
    return Table(
        f"{capitalized(layer)}: share that a probe tells right",
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
