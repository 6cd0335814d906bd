"""The mapped examples and where each layer's map puts them, as arrays in one fixed, shuffled order of drawing."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import InputError
from viewer.data import snippets
from viewer.data.facts import Facts
from viewer.data.source import Source
from viewer.data.steps import described
from viewer.kept import Kept

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SNIPPET = 90  # characters of a text that travel to the browser with its point
SHUFFLE = 7  # seed of the drawing order: no class is always on top
AT_ONCE = 2_000  # mapped examples; of more, neighbours and texts come when they are asked for
RUNS = 4  # whose mapped examples are kept, for all sessions
KEPT = 24  # answers at one epoch that are kept, for all sessions


@dataclass(frozen=True)
class Mapped:
    """The mapped examples of a run, in drawing order. Shared between sessions: do not change it.

    frame: one row an example: example, id, label, length, original_length, snippet, and a column for every attribute
    of the corpus (as text).
    """

    frame: pd.DataFrame

    @cached_property
    def examples(self) -> Ints:
        examples: Ints = self.frame["example"].to_numpy().astype(np.int64)
        return examples

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.examples)

    def places(self, examples: npt.ArrayLike) -> Ints:
        """The row number of each of `examples`, in their order; KeyError where one is not mapped."""
        wanted = np.asarray(examples)
        found = np.searchsorted(self.examples, wanted, sorter=self._order).clip(max=len(self) - 1)
        places: Ints = self._order[found]
        if not np.array_equal(self.examples[places], wanted):
            raise KeyError("examples that are not mapped")
        return places

    @property
    def many(self) -> bool:
        """Whether there are too many to send all of each to the browser."""
        return len(self) > AT_ONCE

    def rows(self, examples: Sequence[int]) -> Ints:
        """The row numbers of those `examples` that are mapped, rising."""
        return np.flatnonzero(np.isin(self.examples, list(examples)))

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Predictions:
    """What a checkpoint says of the mapped examples: the `predicted` class and its `probability`."""

    probability: Floats
    predicted: npt.NDArray[np.object_]

    def __post_init__(self) -> None:
        for array in (self.probability, self.predicted):
            array.setflags(write=False)  # shared between sessions


@dataclass(frozen=True)
class LayerMap:
    """The map of one layer at one epoch, rows in drawing order.

    xy: (n, 2) in layer distance; kept: (n,) share of the nearest on the map that are the nearest in the layer;
    neighbors: (n, k) row numbers of the nearest in the layer, nearest first; distances: (n, k) in the layer; k is 0
    where there are too many examples to have all at hand: see viewer.data.near;
    residual: what alignment to the next epoch left unexplained, 0 to 1, NaN for the last; trustworthiness, continuity.
    """

    epoch: int
    layer: str
    xy: Floats
    kept: Floats
    neighbors: Ints
    distances: Floats
    residual: float
    trustworthiness: float
    continuity: float

    def __post_init__(self) -> None:
        for array in (self.xy, self.kept, self.neighbors, self.distances):
            array.setflags(write=False)  # shared between sessions

    @property
    def centre(self) -> Floats:
        centre: Floats = self.xy.mean(axis=0)
        return centre

    @property
    def radius(self) -> float:
        """The typical radius: the median distance from the centre; 1 where all points are one."""
        radius = float(np.median(np.linalg.norm(self.xy - self.centre, axis=1)))
        return radius if radius > 0 else 1.0


_mapped: Kept[Hashable, Mapped] = Kept(RUNS)


def mapped(source: Source, facts: Facts) -> Mapped:
    """The mapped examples of the run; InputError where it has no maps. Kept until the files change."""
    tables = ("mapped", "examples")
    return source.once(_mapped, facts.run, tables, facts.channels, lambda: _read_mapped(source, facts))


def _read_mapped(source: Source, facts: Facts) -> Mapped:
    frame = source.frame(
        "SELECT example, id, label, length, original_length, left(text, ?) AS snippet, attributes "
        "FROM examples WHERE run = ? AND example IN (SELECT example FROM mapped WHERE run = ?) ORDER BY example",
        snippets.characters(SNIPPET),
        facts.run,
        facts.run,
    )
    if frame.empty:
        lacking = "maps" if source.run(facts.run).has("examples") else "table examples"
        raise InputError(f"run {facts.run!r} has no {lacking}; build it again: dvc repro, or python -m pipeline")
    attributes = pd.DataFrame([dict(pairs) for pairs in frame.pop("attributes")], index=frame.index)
    new = [name for name in attributes.columns if name not in frame.columns]
    frame = pd.concat([frame, attributes[new]], axis=1)
    if facts.channels:
        frame["snippet"] = [described(int(count), facts.channels) for count in frame["original_length"]]
    else:
        frame["snippet"] = [snippets.snippet(text, SNIPPET) for text in frame["snippet"]]
    order = np.random.default_rng(SHUFFLE).permutation(len(frame))
    return Mapped(frame.iloc[order].reset_index(drop=True))


_predictions: Kept[Hashable, Predictions] = Kept(KEPT)


def predictions(source: Source, facts: Facts, reviews: Mapped, epoch: int) -> Predictions:
    """What the checkpoint of `epoch` says of `reviews`, which are all that are mapped; InputError where the store does
    not hold it. Kept until the files change: shared between sessions."""
    tables, key = ("predictions", "mapped", "examples"), (epoch, len(facts.classes))
    return source.once(_predictions, facts.run, tables, key, lambda: _read_predictions(source, facts, reviews, epoch))


def _read_predictions(source: Source, facts: Facts, reviews: Mapped, epoch: int) -> Predictions:
    likeliest = "greatest(max(probability), 1 - min(probability))" if len(facts.classes) == 2 else "max(probability)"
    frame = source.frame(
        f"SELECT example, {likeliest} AS probability, any_value(predicted) AS predicted FROM predictions "
        "WHERE run = ? AND epoch = ? AND example IN (SELECT example FROM mapped WHERE run = ?) GROUP BY example",
        facts.run,
        epoch,
        facts.run,
    ).set_index("example")
    if not frame.index.isin(reviews.examples).sum() == len(reviews):
        raise InputError(f"run {facts.run!r} has no predictions at epoch {epoch}; build it again: dvc repro")
    frame = frame.loc[reviews.examples]
    return Predictions(frame["probability"].to_numpy(np.float64), frame["predicted"].to_numpy(object))


LayerMaps = Mapping[tuple[int, str], LayerMap]
_one_epoch: Kept[Hashable, LayerMaps] = Kept(KEPT)
_epochs: Kept[Hashable, LayerMaps] = Kept(RUNS)  # all maps of 25,000 reviews take 20 MB


def layer_maps(
    source: Source, facts: Facts, reviews: Mapped, epochs: Sequence[int], neighbors: bool = True
) -> LayerMaps:
    """{(epoch, layer): its map} of `reviews`, which are all that are mapped; InputError where one is missing or does
    not hold all of them. Kept until the files change: shared between sessions.

    neighbors: whether to read them; of many reviews they never are.
    """
    if not facts.layers:
        raise InputError(f"run {facts.run!r} has no table of its layers; build it: dvc repro, or python -m pipeline")
    listed = neighbors and not reviews.many
    return source.once(
        _one_epoch if len(epochs) == 1 else _epochs,
        facts.run,
        ("points", "neighbors", "maps", "mapped", "examples"),
        (facts.layers, tuple(epochs), listed),
        lambda: _read_layer_maps(source, facts, reviews, epochs, listed),
    )


def _read_layer_maps(source: Source, facts: Facts, reviews: Mapped, epochs: Sequence[int], listed: bool) -> LayerMaps:
    wanted = list(epochs)
    at = "WHERE run = ? AND list_contains(?, epoch)"
    points = source.frame(f"SELECT epoch, layer, example, x, y, kept FROM points {at}", facts.run, wanted)
    near = source.frame(
        f"SELECT epoch, layer, example, rank, neighbor, distance FROM neighbors {at}{'' if listed else ' LIMIT 0'}",
        facts.run,
        wanted,
    )
    quality = source.frame(
        f"SELECT epoch, layer, alignment_residual, trustworthiness, continuity FROM maps {at}", facts.run, wanted
    ).set_index(["epoch", "layer"])
    points_of, near_of = (dict(list(frame.groupby(["epoch", "layer"]))) for frame in (points, near))
    found = {}
    for key in [(epoch, layer.name) for epoch in wanted for layer in facts.layers]:
        if key not in points_of or (listed and key not in near_of) or key not in quality.index:
            raise InputError(f"run {facts.run!r} has no map of {key[1]} at epoch {key[0]}; build it: dvc repro")
        if not np.array_equal(np.sort(points_of[key]["example"]), np.sort(reviews.examples)):
            raise InputError(f"run {facts.run!r}: points and mapped are not from one build; build it: dvc repro")
        found[key] = layer_map(key, points_of[key], near_of.get(key, near), quality.loc[key], reviews)
    return MappingProxyType(found)


def layer_map(
    key: tuple[int, str], points: pd.DataFrame, near: pd.DataFrame, quality: "pd.Series[float]", reviews: Mapped
) -> LayerMap:
    """One map from its rows of the tables points, neighbors (may be none) and maps."""
    place = points.set_index("example").loc[reviews.examples]
    listed = near.assign(row=reviews.places(near["example"])).sort_values(["row", "rank"])
    k = len(listed) // len(reviews)
    return LayerMap(
        epoch=key[0],
        layer=key[1],
        xy=place[["x", "y"]].to_numpy(np.float64),
        kept=place["kept"].to_numpy(np.float64),
        neighbors=reviews.places(listed["neighbor"]).reshape(len(reviews), k),
        distances=listed["distance"].to_numpy(np.float64).reshape(len(reviews), k),
        residual=float(quality["alignment_residual"]),
        trustworthiness=float(quality["trustworthiness"]),
        continuity=float(quality["continuity"]),
    )
