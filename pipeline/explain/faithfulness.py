"""How faithful a ranking of elements is to a network: what the prediction loses without them, or with them alone.

Comprehensiveness = p(x) - p(x without the top q % of its elements), sufficiency = p(x) - p(the top q % alone), of the
class predicted for x (ERASER, DeYoung et al. 2020); q % of a sequence are rounded up to whole elements. An element that
is removed is left out: the sequence is shorter, nothing stands in its place. Over all shares the mean is taken.

How far these numbers can reach at all depends on the network and the sequence, so they do not compare between networks,
nor between epochs. Normalised (Edin et al., arXiv 2408.08137) they do: (value - lowest) / (highest - lowest), the two
limits being those of any order of the elements. As there, a beam search looks for the limits: what is found is at most
as wide as what there is. The methods lead the search: only values with the same methods compare.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pipeline.explain.attribution import answers, class_probabilities

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Subset = tuple[int, Ints]  # number of a sequence, and the places kept, ascending

SHARES = (1, 5, 10, 20, 50)  # percent
MEASURES = ("comprehensiveness", "sufficiency")
BEAM = 2
NARROW = 1e-6  # a probability's range below this is rounding: nothing to normalise by


class Reader:
    """Probabilities of one class for parts of sequences, each part evaluated once.

    sequences: n arrays, (length,) ids or (length, channels) numbers; classes: (n,) the class in question for each.
    """

    def __init__(self, network: nn.Module, sequences: Sequence[np.ndarray], classes: Ints, batch_size: int) -> None:
        self.network, self.sequences, self.classes, self.batch_size = network, sequences, classes, batch_size
        self.known: dict[bytes, float] = {}

    def __call__(self, subsets: Sequence[Subset]) -> Floats:
        """(len(subsets),) probabilities."""
        keys = [key(row, kept) for row, kept in subsets]
        new = {name: subset for name, subset in zip(keys, subsets, strict=True) if name not in self.known}
        asked = sorted(new.items(), key=lambda item: len(item[1][1]))
        for start in range(0, len(asked), self.batch_size):
            part = asked[start : start + self.batch_size]
            for (name, _), p in zip(part, self.evaluated([subset for _, subset in part]), strict=True):
                self.known[name] = p
        return np.array([self.known[name] for name in keys])

    @torch.inference_mode()
    def evaluated(self, subsets: Sequence[Subset]) -> list[float]:
        lengths = torch.tensor([len(kept) for _, kept in subsets])
        first = self.sequences[0]
        kind = np.int64 if first.ndim == 1 else np.float32
        inputs = np.zeros((len(subsets), max(1, int(lengths.max())), *first.shape[1:]), dtype=kind)
        for line, (row, kept) in zip(inputs, subsets, strict=True):
            line[: len(kept)] = self.sequences[row][kept]
        logits = answers(self.network, torch.from_numpy(inputs), lengths)
        classes = torch.from_numpy(self.classes[[row for row, _ in subsets]])
        found: list[float] = class_probabilities(logits, classes).tolist()
        return found


def key(row: int, kept: Ints) -> bytes:
    """What a part of a sequence is remembered by, in few bytes."""
    return blake2b(kept.tobytes(), digest_size=16, salt=row.to_bytes(8, "little")).digest()


def counts(length: int) -> list[int]:
    """How many elements the shares of a sequence are, rounded up."""
    return [-(-share * length // 100) for share in SHARES]


def order(scores: Floats) -> Ints:
    """Places from the highest score to the lowest; of equal ones the first in the sequence first."""
    return np.argsort(-scores, kind="stable")


def subset(row: int, top: Ints, length: int, measure: str) -> Subset:
    """What is left of a sequence for a measure when `top` are its top elements."""
    chosen = np.zeros(length, bool)
    chosen[top] = True
    return row, np.flatnonzero(chosen if measure == "sufficiency" else ~chosen)


def losses(reader: Reader, whole: Floats, scores: Sequence[Floats], measure: str) -> Floats:
    """(n, shares) of p(x) - p(what is left): comprehensiveness or sufficiency of one method's scores.

    whole: (n,) p(x); scores: n arrays (length,).
    """
    subsets = [
        subset(row, ranked[:count], len(ranked), measure)
        for row, ranked in enumerate(map(order, scores))
        for count in counts(len(ranked))
    ]
    return whole[:, None] - reader(subsets).reshape(len(scores), len(SHARES))


def limits(
    reader: Reader, whole: Floats, proposals: Sequence[Sequence[Floats]], measure: str, sign: int
) -> tuple[Floats, Floats]:
    """The highest (sign 1) or lowest (-1) that a measure was found to reach: (n, shares) at each, (n,) of their mean.

    proposals: for every sequence scores of several methods. A beam search over the shares: to each set of top elements
    in the beam every method adds those it holds highest of the rest, or lowest, up to the next share; the BEAM sets
    whose measure adds up to most (least) go on. What no proposal leads to is not found: the range is at most as wide as
    the true one, and narrower where fewer methods propose.
    """
    first = (
        sign if measure == "comprehensiveness" else -sign
    )  # least is lost by what a method holds highest, kept alone
    beams: list[list[tuple[bytes, float]]] = [[(bytes(len(scores[0])), 0.0)] for scores in proposals]
    best = np.full((len(proposals), len(SHARES)), -np.inf)
    for step in range(len(SHARES)):
        waiting = [
            (row, top, total)
            for row, beam in enumerate(beams)
            for before, total in beam
            for top in {extended(before, scores, step, first) for scores in proposals[row]}
        ]
        waiting.sort(key=lambda item: item[:2])  # sets of bytes have no order of their own
        lengths = [len(top) for _, top, _ in waiting]
        places = [np.flatnonzero(np.frombuffer(top, bool)) for _, top, _ in waiting]
        subsets = [subset(row, at, n, measure) for (row, _, _), at, n in zip(waiting, places, lengths, strict=True)]
        values = sign * (whole[[row for row, _, _ in waiting]] - reader(subsets))
        found: list[dict[bytes, float]] = [{} for _ in proposals]
        for (row, top, total), value in zip(waiting, values.tolist(), strict=True):
            best[row, step] = max(best[row, step], value)
            found[row][top] = max(found[row].get(top, -np.inf), total + value)
        beams = [sorted(sets.items(), key=lambda item: (-item[1], item[0]))[:BEAM] for sets in found]
    means = np.array([beam[0][1] for beam in beams]) / len(SHARES)
    return sign * best, sign * means


def extended(before: bytes, scores: Floats, step: int, first: int) -> bytes:
    """A set of elements, a byte each, with the highest (1) or lowest (-1) of the rest added up to the next share."""
    chosen = np.frombuffer(before, bool).copy()
    rest = np.flatnonzero(~chosen)
    missing = counts(len(chosen))[step] - int(chosen.sum())
    chosen[rest[order(first * scores[rest])[:missing]]] = True
    return chosen.tobytes()


def measured(reader: Reader, whole: Floats, scores: dict[str, list[Floats]]) -> dict[str, dict[str, Floats]]:
    """{measure: {method: (n, 1 + shares)}} of all four measures, their mean over the shares first.

    whole: (n,) p(x); scores: {method: n arrays (length,)}. Normalised values are NaN where the limits are one.
    """
    found: dict[str, dict[str, Floats]] = {}
    proposals = [list(of_all) for of_all in zip(*scores.values(), strict=True)]
    for measure in MEASURES:
        plain = {method: with_mean(losses(reader, whole, own, measure)) for method, own in scores.items()}
        high, low = (with_limit(*limits(reader, whole, proposals, measure, sign)) for sign in (1, -1))
        high, low = np.maximum.reduce([high, *plain.values()]), np.minimum.reduce([low, *plain.values()])
        span = np.where(high - low > NARROW, high - low, np.nan)
        found[measure] = plain
        found[f"normalized_{measure}"] = {method: (values - low) / span for method, values in plain.items()}
    return found


def with_mean(values: Floats) -> Floats:
    return with_limit(values, values.mean(axis=1))


def with_limit(values: Floats, mean: Floats) -> Floats:
    return np.column_stack([mean, values])
