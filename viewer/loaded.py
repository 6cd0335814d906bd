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
from pipeline.models.scores import outputs_for
from viewer.data.facts import facts
from viewer.data.reading import Reading, Word
from viewer.data.source import Source
from viewer.data.texts import check_epochs, notes
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

    def padded(self, text: str) -> tuple[torch.Tensor, torch.Tensor, Ints]:
        """A text as the networks take it, (1, at least 1) ids and (1,) length, and its (T,) ids alone."""
        if self.config.corpus.steps is not None:
            raise InputError(f"run {self.run.name!r} reads sequences of numbers, not words")
        found = spans(text)[: self.config.corpus.max_length]
        tokens = self.vocabulary.encode(text[start:stop] for start, stop in found).astype(np.int64)
        inputs = torch.zeros(1, max(1, len(tokens)), dtype=torch.int64)
        inputs[0, : len(tokens)] = torch.from_numpy(tokens)
        return inputs, torch.tensor([len(tokens)]), tokens

    def _read(self, text: str, epochs: tuple[int, ...]) -> Reading:
        inputs, lengths, tokens = self.padded(text)
        found = spans(text)
        words = tuple(
            Word(start, stop, bool(token != UNKNOWN))
            for (start, stop), token in zip(found, tokens, strict=False)  # no tokens beyond the cut
        )
        unread = tuple(found[len(words) :])
        networks = [self.network(epoch) for epoch in epochs]
        outputs = outputs_for(len(self.facts.classes))
        column = self.facts.classes.index(self.facts.positive) if outputs > 1 else 0
        with self._turn, torch.inference_mode():
            after = torch.cat([prefix.prefix_logits(network, inputs, lengths) for network in networks])
            odds = prefix.log_odds(after[:, : len(words) + 1])  # one empty place is padding where there is no word
            numbers = [
                one[:, :, column].double().numpy() for one in (prefix.probabilities(odds), odds, prefix.impacts(odds))
            ]
        for one in numbers:
            one.setflags(write=False)  # they are shared by all who ask
        probability, logit, impact = numbers
        return Reading(
            text=text,
            words=words,
            unread=unread,
            epochs=epochs,
            probability=probability,
            logit=logit,
            impact=impact,
            classes=self.facts.classes,
            positive=self.facts.positive,
            notes=notes(words, unread),
        )

    def _place(self, text: str, epochs: tuple[int, ...]) -> dict[Place, Position]:
        inputs, lengths, tokens = self.padded(text)
        if not len(tokens):
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
                    heard = vectors(network, layers, inputs, lengths)
                except ValueError as error:
                    raise InputError(f"config: maps.layers: {error}") from None
                found |= {(epoch, layer): one[0].double().numpy() for layer, one in heard.items()}
        return {place: self._position(place, stored_map, found[place]) for place, stored_map in maps.items()}

    def _position(self, place: Place, stored_map: StoredMap, vector: Floats) -> Position:
        if len(vector) != stored_map.fitted.vectors.shape[1]:
            raise InputError(f"{self.run.folder}: its maps are not of its checkpoints; build them again: dvc repro")
        vector.setflags(write=False)
        return stored_map.position(vector, self.config.maps.listed_neighbors)
