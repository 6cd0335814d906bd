"""One run's networks and maps in memory, and a text through them: impacts after every word, a place on every map.

Reads config, vocabulary, checkpoints and maps of the run, each when it is first needed.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from pipeline.data import stored
from pipeline.data.words import UNKNOWN, spans
from pipeline.errors import InputError
from pipeline.explain import attribution, isomap, prefix
from pipeline.explain.align import Alignment
from pipeline.explain.layers import vectors
from pipeline.explain.neighbors import nearest
from pipeline.models import checkpoints
from pipeline.models.networks import check_layers
from viewer.data.examples import notes
from viewer.data.facts import facts
from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading, Word, both
from viewer.data.source import Source
from viewer.data.steps import lines, parsed
from viewer.data.texts import check_epochs
from viewer.kept import Kept
from viewer.placing import Near, Position, StoredMap, by_components, by_isomap, by_neighbors, usual

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Place = tuple[int, str]  # epoch and layer: which map

TEXTS = 256  # whose results are kept
MAPS = 256 * 2**20  # bytes of maps of a run that are kept, roughly: of 25,000 examples a dozen, of 500 all
SMALL = 1_000  # vectors whose neighbours are computed faster than read


@dataclass(frozen=True)
class Drawing:
    """How a map of the store was drawn; landmarks: their number, 0 if all or none."""

    method: str
    landmarks: int
    alignment: Alignment


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
        self._maps: Kept[Place, StoredMap] = Kept(self.maps_kept)
        self._readings: Kept[tuple[str, tuple[int, ...]], Reading] = Kept(TEXTS)
        self._positions: Kept[tuple[str, tuple[int, ...]], dict[Place, Position]] = Kept(TEXTS)
        self._left_out: Kept[tuple[str, int], LeftOut] = Kept(TEXTS)
        # One text at a time: hooks hear their own pass alone, and threads do not take the interpreter from each other.
        self._turn = threading.Lock()

    def read(self, text: str, epochs: Sequence[int] | None) -> Reading:
        chosen = self.chosen(epochs)
        return self._readings.get((text, chosen), lambda: self._read(text, chosen))

    def positions(self, text: str, epochs: Sequence[int] | None) -> dict[Place, Position]:
        chosen = self.chosen(epochs)
        return self._positions.get((text, chosen), lambda: self._place(text, chosen))

    def placed(self, text: str, epoch: int) -> bool:
        """Whether it is known where a text lies at one epoch."""
        return (text, (epoch,)) in self._positions

    def left_out(self, text: str, epoch: int) -> LeftOut:
        check_epochs(self.facts, [epoch])
        return self._left_out.get((text, epoch), lambda: self._leave_out(text, epoch))

    def load_all(self) -> Iterator[None]:
        """Load every network, then as many maps as are kept, the last epoch first; yields after each."""
        for epoch in reversed(self.facts.epochs):
            self.network(epoch)
            yield
        for place in sorted(self.drawings, reverse=True)[: self.maps_kept]:
            self.map(place)
            yield

    @cached_property
    def maps_kept(self) -> int:
        """How many maps are kept in memory: those of one epoch at least, which a page shows beside each other."""
        width = max((layer.width for layer in self.facts.layers), default=0)
        one = self.facts.mapped * (8 * width + 32 * self.config.maps.graph_neighbors)  # vectors, and edges both ways
        return max(len(self.facts.layers), MAPS // max(1, one))

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
    def drawings(self) -> dict[Place, Drawing]:
        """Which maps the store has, how they were drawn and how they are turned."""
        rows = self.source.frame(
            "SELECT epoch, layer, alignment_matrix, alignment_offset, alignment_residual, "
            "coalesce(method, 'isomap') AS method, coalesce(landmarks, 0) AS landmarks FROM maps WHERE run = ?",
            self.run.name,
        )
        return {
            (int(epoch), str(layer)): Drawing(
                str(method), int(landmarks), Alignment(np.reshape(matrix, (2, 2)), np.asarray(offset), float(residual))
            )
            for epoch, layer, matrix, offset, residual, method, landmarks in rows.itertuples(index=False)
        }

    def map(self, place: Place) -> StoredMap:
        """A map of the store, with what placing on it needs; computed again from the stored vectors."""

        def load() -> StoredMap:
            rows = self.source.frame(
                "SELECT example, vector, x, y FROM vectors JOIN points USING (run, epoch, layer, example) "
                "WHERE run = ? AND epoch = ? AND layer = ? ORDER BY example",
                self.run.name,
                *place,
            )
            if len(rows) <= self.config.maps.graph_neighbors:
                raise InputError(f"{self.run.folder}: vectors or points of its maps are missing; build them: dvc repro")
            drawing = self.drawings[place]
            vectors = np.stack(list(rows["vector"])).astype(np.float64)
            points = rows[["x", "y"]].to_numpy(np.float64)
            examples = rows["example"].to_numpy(np.int64)
            near = self.near(place, vectors, examples)
            if drawing.method == "isomap":
                landmarks = isomap.landmarks(len(rows), drawing.landmarks or len(rows))
                placed = by_isomap(vectors, near, points, drawing.alignment, landmarks)
            elif drawing.method == "pca":
                placed = by_components(vectors, points)
            else:
                placed = by_neighbors(points)
            return StoredMap(vectors, examples, near[0].shape[1], placed, usual(near[1]))

        return self._maps.get(place, load)

    def near(self, place: Place, vectors: Floats, examples: Ints) -> Near:
        """The neighbours of each vector in the graph of a map: of many vectors those that the store lists, if it does.

        They take seconds to compute for 25,000 vectors.
        """
        k = self.config.maps.graph_neighbors
        if len(vectors) <= SMALL or self.config.maps.listed_neighbors < k:
            return nearest(vectors, k)
        try:
            rows = self.source.frame(
                "SELECT neighbor, distance FROM neighbors WHERE run = ? AND epoch = ? AND layer = ? AND rank <= ? "
                "ORDER BY example, rank",
                self.run.name,
                *place,
                k,
            )
        except InputError:  # they are listed for others too, who say so
            return nearest(vectors, k)
        if len(rows) != k * len(vectors):
            return nearest(vectors, k)
        index = np.searchsorted(examples, rows["neighbor"].to_numpy(np.int64))
        return index.reshape(-1, k), rows["distance"].to_numpy(np.float64).reshape(-1, k)

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

    def _leave_out(self, text: str, epoch: int) -> LeftOut:
        made, network = self.encoded(text), self.network(epoch)
        with self._turn, torch.inference_mode():
            without = attribution.leave_one_out_logits(network, made.inputs, made.lengths)[0, : len(made.words)]
            whole = attribution.answers(network, made.inputs, made.lengths)
            odds = prefix.log_odds(torch.cat([without, whole]))
            probabilities, logits = (one.double().numpy() for one in (prefix.probabilities(odds), odds))
        if len(self.facts.classes) == 2:
            probabilities, logits, _ = both(probabilities, logits, logits)
        for one in (probabilities, logits):
            one.setflags(write=False)
        return LeftOut(probabilities[:-1], logits[:-1], probabilities[-1], logits[-1])

    def _place(self, text: str, epochs: tuple[int, ...]) -> dict[Place, Position]:
        made = self.encoded(text)
        if not made.words:
            return {}
        layers = self.config.maps.layers
        places = [(epoch, layer) for epoch in epochs for layer in layers if (epoch, layer) in self.drawings]
        networks = {epoch: self.network(epoch) for epoch, _ in places}
        found: dict[Place, Floats] = {}
        with self._turn:
            for epoch, network in networks.items():
                check_layers(network, dict(layers))
                try:
                    heard = vectors(network, layers, made.inputs, made.lengths)
                except ValueError as error:
                    raise InputError(f"config: maps.layers: {error}") from None
                found |= {(epoch, layer): one[0].double().numpy() for layer, one in heard.items()}
        # One map after the other: where not all are kept, not all are in memory either.
        return {place: self._position(place, self.map(place), found[place]) for place in places}

    def _position(self, place: Place, stored_map: StoredMap, vector: Floats) -> Position:
        if len(vector) != stored_map.vectors.shape[1]:
            raise InputError(f"{self.run.folder}: its maps are not of its checkpoints; build them again: dvc repro")
        vector.setflags(write=False)
        return stored_map.position(vector, self.config.maps.listed_neighbors)
