"""Faithfulness by its definitions, one sequence at a time: what every row of the table is held to."""

import copy
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from pipeline.data.splits import shuffled
from pipeline.explain import hybrids
from tests import prefixes
from tests.stored import Stored

SHARES = (1, 5, 10, 20, 50)
MEASURES = ("comprehensiveness", "sufficiency")
STOPS = ".!?\u2026\u3002\uff01\uff1f\n"  # between two words, any of them ends a sentence
Values = dict[tuple[str, str, int], np.ndarray]  # (method, measure, share): of every example, or of every document
Scores = Mapping[str, np.ndarray]  # {method: (T,) scores of the elements}


class Asked:
    """A network of a run that is asked of one sequence at a time: (T,) ids or (T, channels) numbers."""

    def __init__(self, stored: Stored, epoch: int) -> None:
        self.network = stored.network(epoch)
        self.other = copy.deepcopy(self.network)  # whose embedding is exchanged
        self.classes = max(2, self.network.output.out_features)
        self.known: dict[bytes, np.ndarray] = {}

    def says(self, read: torch.Tensor) -> np.ndarray:
        """(K,) probabilities of all classes; all alike where there is no element and no answer to that."""
        key = read.numpy().tobytes()
        if key not in self.known:
            if len(read) or getattr(self.network, "defined_on_empty", True):
                given = read[None] if len(read) else torch.zeros(1, 1, *read.shape[1:], dtype=read.dtype)
                with torch.no_grad():
                    self.known[key] = likely(self.network(given, torch.tensor([len(read)]))[0]).numpy()
            else:
                self.known[key] = np.full(self.classes, 1 / self.classes)
        return self.known[key]

    def slopes(self, read: torch.Tensor, number: int, share: float) -> np.ndarray:
        """(T,) how the log-odds of a class rise with each element's vector, where `share` of all vectors is there."""
        length = torch.tensor([len(read)])
        if read.is_floating_point():
            vectors, given = read, (share * read).requires_grad_()
            logits = self.network(given[None], length)[0]
            (slopes,) = torch.autograd.grad(odds(logits, number), given)
        else:  # every place has an embedding of its own, beside that of the padding
            vectors = self.network.embedding.weight.detach()[read]
            rows = torch.cat([torch.zeros_like(vectors[:1]), share * vectors])
            self.other.embedding = nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=0)
            logits = self.other(torch.arange(1, len(read) + 1)[None], length)[0]
            (slopes,) = torch.autograd.grad(odds(logits, number), self.other.embedding.weight)
            slopes = slopes[1:]
        return (slopes * vectors).sum(dim=1).double().numpy()


def likely(logits: torch.Tensor) -> torch.Tensor:
    """Probabilities of all classes."""
    logits = logits.double()
    return torch.softmax(logits, 0) if len(logits) > 1 else torch.sigmoid(torch.cat([-logits, logits]))


def odds(logits: torch.Tensor, number: int) -> torch.Tensor:
    p = likely(logits)[number]
    return torch.log(p) - torch.log1p(-p)


def scores(asked: Asked, read: torch.Tensor, number: int, name: int, seed: int, steps: int) -> Scores:
    """How much every method says that each element speaks for a class; name, seed: of the random numbers."""
    places = range(len(read))
    prefix = np.array([asked.says(read[:stop])[number] for stop in range(len(read) + 1)])
    without = np.array([asked.says(torch.cat([read[:place], read[place + 1 :]]))[number] for place in places])
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    rule = zip(nodes, weights, strict=True)
    integral = [weight / 2 * asked.slopes(read, number, (node + 1) / 2) for node, weight in rule]
    return {
        "gradient_input": asked.slopes(read, number, 1.0),
        "integrated_gradients": np.sum(integral, axis=0),
        "leave_one_out": prefix[-1] - without,
        "prefix_impact": prefix[1:] - prefix[:-1],
        "random": np.random.default_rng([seed, name, number]).random(len(read)),
    }


def ranked(own: np.ndarray) -> list[int]:
    """Places from the highest score to the lowest, equal ones as they stand."""
    return sorted(range(len(own)), key=lambda place: -own[place])


def top_of(share: int, length: int) -> int:
    return int(np.ceil(share * length / 100))


class Removal:
    """What the probability of a class loses when elements of one sequence are left out, or are all that is left."""

    def __init__(self, asked: Asked, read: torch.Tensor, number: int, measure: str) -> None:
        self.asked, self.read, self.number, self.measure = asked, read, number, measure

    def lost(self, top: Sequence[int] | frozenset[int]) -> float:
        alone = self.measure == "sufficiency"
        left = [place for place in range(len(self.read)) if (place in top) == alone]
        return float(self.asked.says(self.read)[self.number] - self.asked.says(self.read[left])[self.number])

    def of(self, own: np.ndarray) -> list[float]:
        """By one method's scores: the mean over the shares, then each."""
        found = [self.lost(ranked(own)[: top_of(share, len(own))]) for share in SHARES]
        return [float(np.mean(found)), *found]

    def limit(self, by: Scores, sign: int) -> list[float]:
        """The most (sign 1) or the least (-1) that a search finds: two sets are kept, each method adds to each."""
        towards = sign if self.measure == "comprehensiveness" else -sign
        beam: list[tuple[float, frozenset[int]]] = [(0.0, frozenset())]
        found = []
        for share in SHARES:
            grown: dict[frozenset[int], float] = {}
            for total, top in beam:
                for own in by.values():
                    rest = [place for place in ranked(towards * own) if place not in top]
                    more = top | set(rest[: top_of(share, len(own)) - len(top)])
                    grown[more] = max(grown.get(more, -np.inf), total + sign * self.lost(more))
            found.append(max(sign * self.lost(top) for top in grown))
            in_order = sorted(grown, key=lambda top: (-grown[top], [place in top for place in range(len(self.read))]))
            beam = [(grown[top], top) for top in in_order[:2]]
        return [sign * beam[0][0] / len(SHARES), *(sign * value for value in found)]


def chosen(stored: Stored) -> list[dict[str, object]]:
    """The rows of the examples that the table is about, by the seed of the corpus."""
    rows = stored.mapped
    order = shuffled([row["id"] for row in rows], stored.config.corpus.seed)
    return [rows[place] for place in sorted(order[: stored.config.faithfulness.examples])]


def removals(stored: Stored, asked: Asked) -> Values:
    """All four measures, of the class predicted for each example."""
    seed, steps = stored.config.corpus.seed, stored.config.faithfulness.steps
    found: dict[tuple[str, str, int], list[float]] = {}
    for example in chosen(stored):
        read = prefixes.of_example(stored, example["example"])[0]
        number = int(asked.says(read).argmax())
        by = scores(asked, read, number, example["example"], seed, steps)
        for measure in MEASURES:
            removal = Removal(asked, read, number, measure)
            plain = {method: removal.of(own) for method, own in by.items()}
            high = np.max([removal.limit(by, 1), *plain.values()], axis=0)
            low = np.min([removal.limit(by, -1), *plain.values()], axis=0)
            for method, own in plain.items():
                for column, share in enumerate((0, *SHARES)):
                    span = high[column] - low[column]
                    normal = (own[column] - low[column]) / span if span > 1e-6 else np.nan
                    found.setdefault((method, measure, share), []).append(own[column])
                    found.setdefault((method, f"normalized_{measure}", share), []).append(normal)
    return {key: np.array(own) for key, own in found.items()}


def sentences(stored: Stored, example: dict[str, object]) -> list[list[int]]:
    """The places of an example's words by sentence."""
    words, found = stored.rows("elements", example=example["example"]), [[0]]
    for before, word in pairwise(words):
        between = str(example["text"])[before["stop"] : word["start"]]
        if any(stop in between for stop in STOPS) or "<br" in between.lower():
            found.append([])
        found[-1].append(word["position"] - 1)
    return found


def documents(stored: Stored) -> list[hybrids.Hybrid]:
    """The hybrid documents, joined of pieces that are cut and sorted here."""
    random = np.random.default_rng([stored.config.corpus.seed, 1])
    labels = [row["class"] for row in stored.rows("classes")]
    pieces: dict[int, list[np.ndarray]] = {}
    for example in chosen(stored):
        read = prefixes.of_example(stored, example["example"])[0].numpy()
        own = pieces.setdefault(labels.index(example["label"]), [])
        if example["text"] is None:
            middle = (len(read) + 1) // 2
            own.append(read[:middle] if random.random() < 0.5 or len(read) == 1 else read[middle:])
        else:
            own += [read[places] for places in sentences(stored, example)]
    return hybrids.joined(pieces, stored.config.faithfulness.hybrids, stored.config.corpus.max_length, random)


def hits(stored: Stored, asked: Asked) -> Values:
    """Of every document the share of its two classes for which the highest element is from a piece of that class."""
    seed, steps = stored.config.corpus.seed, stored.config.faithfulness.steps
    found: dict[tuple[str, str, int], list[float]] = {}
    for name, document in enumerate(documents(stored)):
        right: dict[str, list[bool]] = {}
        for number in document.classes:
            by = scores(asked, torch.from_numpy(document.elements), number, name, seed, steps)
            for method, own in by.items():
                right.setdefault(method, []).append(document.owners[ranked(own)[0]] == number)
        for method, two in right.items():
            found.setdefault((method, "hybrid_hit", 0), []).append(sum(two) / 2)
    return {key: np.array(own) for key, own in found.items()}


def values(stored: Stored, epoch: int) -> Values:
    asked = Asked(stored, epoch)
    return {**removals(stored, asked), **hits(stored, asked)}


def drawn(stored: Stored, counts: Sequence[int]) -> dict[int, np.ndarray]:
    """{count: (2000, count) which examples, or documents, are drawn each time}."""
    random = np.random.default_rng(stored.config.corpus.seed)
    times = {count: random.multinomial(count, np.full(count, 1 / count), size=2000) for count in sorted(set(counts))}
    return {count: np.array([np.repeat(np.arange(count), row) for row in rows]) for count, rows in times.items()}


def summary(own: np.ndarray, draws: np.ndarray) -> tuple[float, float, float]:
    """Mean of what there is, and the ends of its interval of 95 %."""
    there = np.ma.masked_invalid(own)
    means = there[draws].mean(axis=1).filled(np.nan)
    return float(there.mean()), *(float(end) for end in np.nanpercentile(means, [2.5, 97.5]))
