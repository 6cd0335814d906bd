"""One run's networks and maps in memory, and a text through them: impacts after every word, a place on every map.

Reads config, vocabulary, checkpoints and maps of the run, each when it is first needed.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pipeline.data import stored
from pipeline.data.words import UNKNOWN, spans
from pipeline.errors import InputError
from pipeline.explain import isomap, prefix
from pipeline.explain.align import Alignment
from pipeline.explain.isomap import Map
from pipeline.explain.layers import vectors
from pipeline.explain.neighbors import nearest, nearest_to
from pipeline.models import checkpoints
from pipeline.models.networks import check_layers
from viewer.data.examples import notes
from viewer.data.facts import facts
from viewer.data.reading import Reading, Word, both
from viewer.data.source import Source
from viewer.data.steps import lines, parsed
from viewer.data.texts import check_epochs
from viewer.kept import Kept

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Place = tuple[int, str]  # epoch and layer: which map

TEXTS = 256  # whose results are kept
ROUNDING = 1e-12  # of the larger eigenvalue: what scikit-learn takes for none
LIKE = 95  # percentile of the mapped reviews' own distances beyond which a sentence is unlike all of them


@dataclass(frozen=True)
class Position:
    """Where a sentence lies in one layer.

    x, y: its place on the aligned map, as in table points; vector: (width,) the layer's output;
    neighbors: the nearest mapped examples in the layer's own space as (example, distance), nearest first, as many as
    table neighbors lists; unlike: it is farther from the nearest of them than 95 in 100 of them are from theirs.
    """

    x: float
    y: float
    vector: Floats
    neighbors: tuple[tuple[int, float], ...]
    unlike: bool


@dataclass(frozen=True)
class StoredMap:
    """A map of the store on which new vectors can be placed: examples: (n,) who is on it; far: see `usual`."""

    fitted: Map
    alignment: Alignment
    examples: Ints
    far: float

    def position(self, vector: Floats, listed: int) -> Position:
        """The place of one (width,) vector, with its `listed` nearest examples."""
        x, y = self.alignment.apply(isomap.place(self.fitted, vector[None]))[0]
        index, distance = nearest_to(vector[None], self.fitted.vectors, listed)
        near = zip(self.examples[index[0]].tolist(), distance[0].tolist(), strict=True)
        return Position(float(x), float(y), vector, tuple(near), bool(distance[0, 0] > self.far))


@dataclass(frozen=True)
class Encoded:
    """A sequence as the networks take it.

    inputs: (1, at least 1) ids or (1, at least 1, channels) numbers; lengths: (1,); words: the elements that are read;
    unread: (start, stop) of those beyond the cut; steps: (all elements, channels) as they were given, if numbers.
    """

    inputs: torch.Tensor
    lengths: torch.Tensor
    words: tuple[Word, ...]
    unread: tuple[tuple[int, int], ...]
    steps: Floats | None


def attention(networks: Sequence[nn.Module], made: Encoded) -> Floats | None:
    """(networks, T) attention weights of the elements, where the networks have some and there is an element."""
    if not made.words or not all(hasattr(network, "attention_weights") for network in networks):
        return None
    weights = [network.attention_weights(made.inputs, made.lengths) for network in networks]  # type: ignore[operator]
    found: Floats = torch.cat(weights).double().numpy()
    return found


def usual(vectors: Floats) -> float:
    """The distance within which LIKE in 100 of (n, width) vectors have their nearest other one."""
    return float(np.percentile(nearest(vectors, 1)[1], LIKE))


def turned_back(points: Floats, alignment: Alignment) -> Floats:
    """(n, 2) points of an aligned map as Isomap laid them out; an axis that is mere rounding is 0 throughout."""
    coordinates = (points - alignment.offset) @ alignment.matrix.T
    sizes = (coordinates**2).sum(axis=0)
    kept: Floats = np.where(sizes > ROUNDING * sizes.max(), coordinates, 0.0)
    return kept


class LoadedRun:
    """What is needed of one run: its networks and maps, each loaded when first asked for."""

    def __init__(self, source: Source, run: str) -> None:
        self.source = source
        self.facts = facts(source, run)
        self.config = self.facts.config
        self.run = source.run(run)
        self.vocabulary = stored.vocabulary(self.run)
        self.channels = stored.channels(self.run)
        self._networks: Kept[int, nn.Module] = Kept()
        self._maps: Kept[Place, StoredMap] = Kept()
        self._readings: Kept[tuple[str, tuple[int, ...]], Reading] = Kept(TEXTS)
        self._positions: Kept[tuple[str, tuple[int, ...]], dict[Place, Position]] = Kept(TEXTS)
        # One text at a time: hooks hear their own pass alone, and threads do not take the interpreter from each other.
        self._turn = threading.Lock()

    def read(self, text: str, epochs: Sequence[int] | None) -> Reading:
        chosen = self.chosen(epochs)
        return self._readings.get((text, chosen), lambda: self._read(text, chosen))

    def positions(self, text: str, epochs: Sequence[int] | None) -> dict[Place, Position]:
        chosen = self.chosen(epochs)
        return self._positions.get((text, chosen), lambda: self._place(text, chosen))

    def load_all(self) -> Iterator[None]:
        """Load every network, then every map, the last epoch first; yields after each."""
        for epoch in reversed(self.facts.epochs):
            self.network(epoch)
            yield
        for place in sorted(self.alignments, reverse=True):
            self.map(place)
            yield

    def chosen(self, epochs: Sequence[int] | None) -> tuple[int, ...]:
        """Epochs, rising; all where none are given; InputError for one that is not there."""
        if not epochs:
            return self.facts.epochs
        check_epochs(self.facts, epochs)
        return tuple(sorted(set(epochs)))

    def network(self, epoch: int) -> nn.Module:
        """The network of a checkpoint."""

        def load() -> nn.Module:
            expected = checkpoints.describe(self.config, self.run)
            return checkpoints.load(self.run.checkpoint(epoch), expected)

        return self._networks.get(epoch, load)

    @cached_property
    def alignments(self) -> dict[Place, Alignment]:
        """Which maps the store has, and how they are turned."""
        rows = self.source.frame(
            "SELECT epoch, layer, alignment_matrix, alignment_offset, alignment_residual FROM maps WHERE run = ?",
            self.run.name,
        )
        return {
            (int(epoch), str(layer)): Alignment(np.reshape(matrix, (2, 2)), np.asarray(offset), float(residual))
            for epoch, layer, matrix, offset, residual in rows.itertuples(index=False)
        }

    def map(self, place: Place) -> StoredMap:
        """A map of the store, with the geodesics that placing needs.

        They are computed again from the stored vectors. The coordinates are the stored ones, turned back: Isomap's
        axes may come out mirrored where another machine computed them.
        """

        def load() -> StoredMap:
            rows = self.source.frame(
                "SELECT example, vector, x, y FROM vectors JOIN points USING (run, epoch, layer, example) "
                "WHERE run = ? AND epoch = ? AND layer = ? ORDER BY example",
                self.run.name,
                *place,
            )
            if len(rows) <= self.config.maps.graph_neighbors:
                raise InputError(f"{self.run.folder}: vectors or points of its maps are missing; build them: dvc repro")
            alignment = self.alignments[place]
            fitted = isomap.fit(np.stack(list(rows["vector"])).astype(np.float64), self.config.maps.graph_neighbors)
            fitted = replace(fitted, coordinates=turned_back(rows[["x", "y"]].to_numpy(np.float64), alignment))
            return StoredMap(fitted, alignment, rows["example"].to_numpy(np.int64), usual(fitted.vectors))

        return self._maps.get(place, load)

    def encoded(self, text: str) -> Encoded:
        """A text, or the lines of a sequence of numbers, as the networks take it; InputError where it is none."""
        if self.channels.count:
            steps = parsed(text, self.channels.count)
            found, known = lines(text), [True] * len(steps)
            elements: npt.NDArray[np.int64] | npt.NDArray[np.float32] = self.channels.encode(steps)
        else:
            steps, found = None, spans(text)
            elements = self.vocabulary.encode(text[start:stop] for start, stop in found).astype(np.int64)
            known = (elements != UNKNOWN).tolist()
        elements = elements[: self.config.corpus.max_length]
        inputs = np.zeros((1, max(1, len(elements)), *elements.shape[1:]), elements.dtype)
        inputs[0, : len(elements)] = elements
        words = tuple(Word(start, stop, one) for (start, stop), one in zip(found, known, strict=True))
        read, unread = words[: len(elements)], tuple(found[len(elements) :])
        return Encoded(torch.from_numpy(inputs), torch.tensor([len(elements)]), read, unread, steps)

    def _read(self, text: str, epochs: tuple[int, ...]) -> Reading:
        made = self.encoded(text)
        networks = [self.network(epoch) for epoch in epochs]
        with self._turn, torch.inference_mode():
            after = torch.cat([prefix.prefix_logits(network, made.inputs, made.lengths) for network in networks])
            odds = prefix.log_odds(after[:, : len(made.words) + 1])  # one empty place is padding where nothing is read
            said = [one.double().numpy() for one in (prefix.probabilities(odds), odds, prefix.impacts(odds))]
            weights = attention(networks, made)
        probabilities, logits, impacts = both(*said) if len(self.facts.classes) == 2 else said
        for one in (probabilities, logits, impacts, weights, made.steps):
            if one is not None:
                one.setflags(write=False)  # they are shared by all who ask
        return Reading(
            text=text,
            words=made.words,
            unread=made.unread,
            epochs=epochs,
            probabilities=probabilities,
            logits=logits,
            impacts=impacts,
            classes=self.facts.classes,
            positive=self.facts.positive,
            notes=notes(made.words, made.unread, self.facts.element),
            attention=weights,
            steps=made.steps,
        )

    def _place(self, text: str, epochs: tuple[int, ...]) -> dict[Place, Position]:
        made = self.encoded(text)
        if not made.words:
            return {}
        layers = self.config.maps.layers
        maps = {
            (epoch, layer): self.map((epoch, layer))
            for epoch in epochs
            for layer in layers
            if (epoch, layer) in self.alignments
        }
        networks = {epoch: self.network(epoch) for epoch in {epoch for epoch, _ in maps}}
        found: dict[Place, Floats] = {}
        with self._turn:
            for epoch, network in networks.items():
                check_layers(network, dict(layers))
                try:
                    heard = vectors(network, layers, made.inputs, made.lengths)
                except ValueError as error:
                    raise InputError(f"config: maps.layers: {error}") from None
                found |= {(epoch, layer): one[0].double().numpy() for layer, one in heard.items()}
        return {place: self._position(place, stored_map, found[place]) for place, stored_map in maps.items()}

    def _position(self, place: Place, stored_map: StoredMap, vector: Floats) -> Position:
        if len(vector) != stored_map.fitted.vectors.shape[1]:
            raise InputError(f"{self.run.folder}: its maps are not of its checkpoints; build them again: dvc repro")
        vector.setflags(write=False)
        return stored_map.position(vector, self.config.maps.listed_neighbors)
