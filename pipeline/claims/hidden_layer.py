"""Claim 4: the hidden layer hardly changes the space of the LSTM state, and a network without it does as well."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.claims import intervals
from pipeline.claims.layers import DENSE, LSTM, title
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import listed, written

SEEDS = (1, 2, 3)
ALIKE = 0.9  # linear CKA from which on a space counts as hardly changed
AS_WELL = -0.01  # accuracy that a network may lose and still do as well
COMMAND = "make claims"

Booleans = npt.NDArray[np.bool_]
Similarities = Mapping[int, Mapping[int, float]]  # {seed: {epoch: CKA of the LSTM state and the hidden layer}}
# {seed: (n,) which of the same test reviews, in one order, are predicted right at the last epoch; empty without it}
Right = Mapping[int, Booleans]

MEASURED = (
    "Linear CKA (1: the same space up to turning and scaling) of the vectors of the mapped reviews in the two layers; "
    f"hardly changed means at least {written(ALIKE, 'number')} with every seed, and their range over the seeds stands "
    "in place of an interval. Both networks are trained with three seeds each and tested on all test reviews; as well "
    f"means that accuracy surely falls by no more than {written(-AS_WELL, 'size')}. Two intervals are told: over the "
    "trainings (Welch's, two samples of three), and over the reviews (paired: a review counts by the difference of the "
    "shares of seeds that predict it right). The verdict takes the wider at each end."
)


def judge(
    similarities: Similarities, with_layer: Right, without: Right, last: int, unreadable: Sequence[str] = ()
) -> Claim:
    """Of every seed that there is; the claim is tested where all of SEEDS are there, with and without the layer, each
    at the last epoch. unreadable: runs of which it cannot be told what they are."""
    missing = lacking(similarities, with_layer, without, last)
    final = {seed: found[last] for seed, found in similarities.items() if last in found}
    cka = over_seeds(final) if set(SEEDS) <= set(final) else None
    lost = compared(with_layer, without) if complete(with_layer) and complete(without) else None
    parts = [
        at_least(
            f"CKA of the {title(LSTM)} and the {title(DENSE)} at epoch {last}, {named(SEEDS)}", cka, ALIKE, "number"
        ),
        at_least("Test accuracy without the hidden layer minus with it", lost, AS_WELL, "points"),
    ]
    told = untested(missing, final, unreadable) if missing else reading(cka, lost, with_layer, without)
    return Claim(
        number=4,
        title="The hidden layer",
        sentence="The hidden layer hardly changes the space, and a network without it does as well.",
        verdict=verdict(parts),
        reading=told,
        parts=tuple(parts),
        tables=(accuracies(with_layer, without, last), *([differences(with_layer, without)] if lost else [])),
        charts=tuple([chart(similarities)] if any(similarities.values()) else []),
        measured=MEASURED,
    )


def complete(runs: Right) -> bool:
    return all(seed in runs and len(runs[seed]) for seed in SEEDS)


def lacking(similarities: Similarities, with_layer: Right, without: Right, last: int) -> list[str]:
    """What is missing, in words."""
    said = []
    for name, there in (("with the layer", with_layer), ("without it", without)):
        seeds = [seed for seed in SEEDS if seed not in there]
        if seeds:
            said.append(f"no run {name} with {named(seeds)}")
        seeds = [seed for seed in SEEDS if seed in there and not len(there[seed])]
        if seeds:
            said.append(f"no predictions at epoch {last} of the run {name} with {named(seeds)}")
    seeds = [seed for seed in SEEDS if seed in with_layer and last not in similarities.get(seed, {})]
    if seeds:
        # A finished run is left alone by the command that builds what is missing.
        by = "python -m pipeline.stages.maps NAME"
        said.append(
            f"no CKA of the two layers at epoch {last} of the run with {named(seeds)} (of a finished run: {by})"
        )
    return said


def untested(missing: Sequence[str], final: Mapping[int, float], unreadable: Sequence[str]) -> str:
    told = f"Not tested: {listed(missing)}. Build them by {COMMAND}."
    if unreadable:
        several = len(unreadable) > 1
        told += (
            f" Left out: the run{'s' * several} {listed(unreadable)}, whose config cannot be read: damaged, or of "
            f"another version. If {'they are' if several else 'it is'} among what is missing, remove "
            f"{'their folders' if several else 'its folder'} first."
        )
    there = [f"{written(cka, 'number')} (seed {seed})" for seed, cka in sorted(final.items())]
    return told + (f" CKA of the two layers so far: {listed(there)}." if there else "")


def named(seeds: Sequence[int]) -> str:
    return f"seed{'s' * (len(seeds) > 1)} {listed([str(seed) for seed in seeds])}"


def over_seeds(final: Mapping[int, float]) -> Estimate:
    """The mean of the seeds' CKA at the last epoch, and their range."""
    found = [final[seed] for seed in SEEDS]
    return Estimate(float(np.mean(found)), min(found), max(found))


def over_trainings(with_layer: Right, without: Right) -> Estimate:
    means = [np.array([runs[seed].mean() for seed in SEEDS]) for runs in (with_layer, without)]
    return intervals.difference(*means)


def over_reviews(with_layer: Right, without: Right) -> Estimate:
    shares = [np.mean([runs[seed] for seed in SEEDS], axis=0) for runs in (with_layer, without)]
    found = intervals.mean(shares[1] - shares[0])
    assert found is not None
    return found


def compared(with_layer: Right, without: Right) -> Estimate:
    """Accuracy without minus with, and of both intervals the farther ends."""
    both = [over_trainings(with_layer, without), over_reviews(with_layer, without)]
    ends = np.array([[each.low, each.high] for each in both], dtype=np.float64)
    return Estimate(both[0].value, float(ends[:, 0].min()), float(ends[:, 1].max()))


def reading(cka: Estimate | None, lost: Estimate | None, with_layer: Right, without: Right) -> str:
    """Where nothing is missing."""
    assert cka is not None
    assert lost is not None
    means = [np.mean([runs[seed].mean() for seed in SEEDS]) for runs in (with_layer, without)]
    return (
        f"CKA of the two layers is {written(cka.value, 'number')} on average over three seeds, from "
        f"{written(cka.low, 'number')} to {written(cka.high, 'number')}. With the hidden layer "
        f"{written(float(means[0]), 'percent')} of the test reviews are predicted right, without it "
        f"{written(float(means[1]), 'percent')}: a difference of {written(lost, 'points')}."
    )


def accuracies(with_layer: Right, without: Right, last: int) -> Table:
    """Both networks with each seed there is; an empty cell where a run does not reach the last epoch."""
    rows = []
    for seed in sorted({*with_layer, *without}):
        cells = [
            intervals.share(int(runs[seed].sum()), len(runs[seed])) if seed in runs else None
            for runs in (with_layer, without)
        ]
        rows.append((seed, *cells))
    heads = (Column("seed", "count"), Column("with the hidden layer", "percent"), Column("without it", "percent"))
    return Table(f"Test accuracy at epoch {last}", heads, tuple(rows))


def differences(with_layer: Right, without: Right) -> Table:
    rows = (
        ("over the trainings", over_trainings(with_layer, without)),
        ("over the reviews", over_reviews(with_layer, without)),
    )
    return Table("Accuracy without minus with", (Column("interval"), Column("difference", "points")), rows)


def chart(similarities: Similarities) -> Chart:
    curves = [
        Curve(f"seed {seed}", tuple(sorted(found.items()))) for seed, found in sorted(similarities.items()) if found
    ]
    return Chart("Likeness of the two layers", "CKA of LSTM state and hidden layer", "number", tuple(curves))
