"""Stage 5: a map of every layer at every checkpoint, aligned backwards from the last one.

Reads checkpoints, examples, elements and predictions; writes layers, vectors, points, neighbors, similarity and maps.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from torch import nn
from tqdm import tqdm

from pipeline.config import Config, Maps
from pipeline.data import stored
from pipeline.data.sequences import Ints, Sequences
from pipeline.errors import InputError
from pipeline.explain import graph, isomap, probes, projections, quality, similarity
from pipeline.explain.align import Alignment, procrustes, upright
from pipeline.explain.layers import vectors
from pipeline.explain.neighbors import nearest
from pipeline.models import checkpoints
from pipeline.stages import command
from pipeline.store import Run

Floats = npt.NDArray[np.float64]
Place = tuple[int, str]  # epoch and layer: which map
Writer = Callable[[dict[str, object]], None]

BATCH = 500  # sequences a network reads at once


@dataclass(frozen=True)
class Space:
    """A layer's own space: (n, width) vectors; of each its (n, k) listed neighbours and the distances to them.

    edges: the same of the neighbours that the graph joins it to.
    """

    vectors: Floats
    near: Ints
    distances: Floats
    edges: tuple[Ints, Floats]


@dataclass(frozen=True)
class Drawn:
    """What is kept of a map until the epochs after it are drawn, which turn it.

    coordinates: (n, 2) before alignment; kept: (n,) as in table points; row: its other columns in table maps.
    """

    coordinates: Floats
    kept: Floats
    row: dict[str, object]


def write(run: Run, config: Config) -> None:
    everything = stored.test(run)
    mapped = stored.mapped(run, everything)
    sequences = everything.subset(np.flatnonzero(mapped))
    lengths = run.read("examples", ["original_length"])["original_length"].to_numpy()[mapped]
    config.maps.check(len(sequences))
    if needed := projections.missing(config.maps.method):
        raise InputError(f"{run.config}: maps.method={config.maps.method} needs {needed}")
    with (
        run.writer("vectors") as vectors,
        run.writer("neighbors") as neighbors,
        run.writer("similarity") as similar,
        tqdm(total=len(config.epochs) * len(config.maps.layers), desc="maps", unit="map", disable=None) as progress,
    ):
        drawn: dict[Place, Drawn] = {}
        before: dict[str, Space] = {}
        for epoch, found, predicted in epochs(run, config, sequences):
            if not epoch:
                write_layers(run, config.maps, found)
            spaces: dict[str, Space] = {}
            for layer in sorted(found):  # as the rows of one epoch are sorted
                spaces[layer] = space = measured(found[layer], config.maps)
                write_vectors(vectors, (epoch, layer), space, sequences)
                write_neighbors(neighbors, (epoch, layer), space, sequences)
                drawn[epoch, layer] = draw(space, sequences.labels, predicted, config.maps)
                progress.update()
            write_similarity(similar, epoch, list(config.maps.layers), spaces, before)
            before = spaces
    turned = aligned(drawn, list(config.epochs), list(config.maps.layers), sequences.labels, lengths)
    write_points(run, drawn, turned, sequences)
    write_maps(run, drawn, turned)


def epochs(run: Run, config: Config, sequences: Sequences) -> Iterator[tuple[int, dict[str, Floats], Ints]]:
    """Of every epoch: its number, {layer: (n, width)} vectors of the mapped examples, (n,) predicted classes."""
    expected = checkpoints.describe(config, run)
    predicted = predictions(run, sequences)
    for epoch in config.epochs:
        network = checkpoints.load(run.checkpoint(epoch), expected)
        yield epoch, outputs(network, config.maps.layers, sequences), predicted[epoch]


def outputs(network: nn.Module, layers: Mapping[str, str], sequences: Sequences) -> dict[str, Floats]:
    """{layer: (n, width)} vectors of all sequences; layers: {module path: pooling}."""
    order = np.argsort(sequences.lengths, kind="stable")  # read in batches of similar lengths
    parts = []
    for start in range(0, len(order), BATCH):
        try:
            parts.append(vectors(network, layers, *sequences.padded(order[start : start + BATCH])))
        except ValueError as error:
            raise InputError(f"config: maps.layers: {error}") from None
    back = np.argsort(order)
    return {layer: np.concatenate([part[layer].numpy() for part in parts])[back].astype(np.float64) for layer in layers}


def predictions(run: Run, sequences: Sequences) -> Ints:
    """(epochs, n) numbers of the classes that the network predicts for the mapped examples."""
    table = run.read("predictions", ["epoch", "example", "predicted"])
    table = table.filter(pc.is_in(table["example"], pa.array(sequences.examples, pa.int32())))
    numbers: Ints = pc.index_in(table["predicted"], pa.array(stored.classes(run))).to_numpy().astype(np.int64)
    count = len(np.unique(table["epoch"].to_numpy()))
    return numbers.reshape(count, len(sequences), -1)[:, :, 0]  # of one example, the rows of all classes say the same


def measured(vectors: Floats, maps: Maps) -> Space:
    """The space of (n, width) vectors, with the neighbours that the config asks for."""
    listed, joined = maps.listed_neighbors, maps.graph_neighbors
    near, distances = nearest(vectors, max(listed, joined))
    return Space(vectors, near[:, :listed], distances[:, :listed], (near[:, :joined], distances[:, :joined]))


def draw(space: Space, labels: Ints, predicted: Ints, maps: Maps) -> Drawn:
    """The map of a layer and how good it is."""
    k = maps.listed_neighbors
    rows = quality.judged(len(labels))
    coordinates, by_distance = laid_out(space, rows, maps)
    on_map, _ = nearest(coordinates, k)
    kept = quality.kept(space.near, on_map)
    judged, places = space.vectors[rows], coordinates[rows]
    in_layer = space.near if len(rows) == len(labels) else nearest(judged, k)[0]
    on_map = on_map if len(rows) == len(labels) else nearest(places, k)[0]
    row = {
        "method": [maps.method],
        "judged": [len(rows)],
        "trustworthiness": [quality.trustworthiness(judged, on_map)],
        "continuity": [quality.continuity(places, in_layer)],
        "neighborhood_hit": [quality.neighborhood_hit(on_map, labels[rows])],
        "linear_probe": [probes.linear(judged, labels[rows])],
        "neighbor_probe": [probes.neighbor(judged, labels[rows], k)],
        "linear_probe_predicted": [probes.linear(judged, predicted[rows])],
        "neighbor_probe_predicted": [probes.neighbor(judged, predicted[rows], k)],
        **by_distance,
    }
    return Drawn(coordinates, kept, row)


def laid_out(space: Space, rows: Ints, maps: Maps) -> tuple[Floats, dict[str, object]]:
    """(n, 2) places, and the columns of table maps on distances along the data; `rows`: who is judged.

    By another method than Isomap too, the distances are those that Isomap would lay out.
    """
    if maps.method == "isomap":
        fitted = isomap.fit(space.vectors, maps.graph_neighbors, maps.landmarks, space.edges)
        places, components = fitted.coordinates, fitted.components
        landmarks, geodesics = fitted.frame.landmarks, fitted.geodesics
    else:
        places = projections.project(maps.method, space.vectors, maps.graph_neighbors)
        edges, components = graph.joined(space.vectors, *space.edges)
        landmarks = isomap.landmarks(len(places), None)
        geodesics = graph.paths(edges, landmarks)
    return places, {
        "landmarks": [len(landmarks) if maps.method == "isomap" else None],
        "components": [components],
        "residual_variance": [quality.residual_variance(places, geodesics, landmarks, rows)],
    }


def aligned(
    drawn: dict[Place, Drawn], epochs: list[int], layers: list[str], labels: Ints, lengths: Ints
) -> dict[Place, Alignment]:
    """Of each layer, the last map turned upright, then each earlier one onto the one after it.

    labels: (n,) numbers of classes; the last, the positive one of two, comes to lie right. lengths: (n,) before any
    cut, so that runs that read more or less of a text are turned alike.
    """
    turned: dict[Place, Alignment] = {}
    for layer in layers:
        last = drawn[epochs[-1], layer].coordinates
        turn = upright(last, labels == labels.max(), lengths.astype(np.float64))
        target = turn.apply(last)
        turned[epochs[-1], layer] = turn
        for epoch in reversed(epochs[:-1]):
            coordinates = drawn[epoch, layer].coordinates
            turned[epoch, layer] = turn = procrustes(coordinates, target)
            target = turn.apply(coordinates)
    return turned


def write_layers(run: Run, maps: Maps, outputs: dict[str, Floats]) -> None:
    layers = list(maps.layers)
    run.write(
        "layers",
        {
            "layer": layers,
            "ordinal": range(len(layers)),
            "width": [outputs[layer].shape[1] for layer in layers],
            "pooling": [maps.layers[layer] for layer in layers],
        },
    )


def per_example(place: Place, sequences: Sequences, times: int = 1) -> dict[str, object]:
    examples = np.repeat(sequences.examples, times)
    epoch, layer = place
    return {"epoch": np.full(len(examples), epoch), "layer": [layer] * len(examples), "example": examples}


def write_vectors(write: Writer, place: Place, space: Space, sequences: Sequences) -> None:
    write({**per_example(place, sequences), "vector": list(space.vectors.astype(np.float32))})


def write_neighbors(write: Writer, place: Place, space: Space, sequences: Sequences) -> None:
    k = space.near.shape[1]
    write(
        {
            **per_example(place, sequences, k),
            "rank": np.tile(np.arange(1, k + 1), len(sequences)),
            "neighbor": sequences.examples[space.near].ravel(),
            "distance": space.distances.ravel(),
        }
    )


def write_similarity(
    write: Writer, epoch: int, layers: list[str], spaces: dict[str, Space], before: dict[str, Space]
) -> None:
    """Each layer beside itself one epoch before, if there was one, and beside the next layer, if there is one."""
    following = dict(pairwise(layers))
    for layer, space in spaces.items():
        others = [(epoch - 1, layer, before[layer])] if before else []
        if layer in following:
            others.append((epoch, following[layer], spaces[following[layer]]))
        for other_epoch, other_layer, other in others:
            write(
                {
                    "epoch": [epoch],
                    "layer": [layer],
                    "other_epoch": [other_epoch],
                    "other_layer": [other_layer],
                    "cka": [similarity.linear_cka(space.vectors, other.vectors)],
                    "density_correlation": [similarity.density_correlation(space.distances, other.distances)],
                }
            )


def write_points(run: Run, drawn: dict[Place, Drawn], turned: dict[Place, Alignment], sequences: Sequences) -> None:
    with run.writer("points") as write:
        for place, found in drawn.items():
            x, y = turned[place].apply(found.coordinates).T
            write({**per_example(place, sequences), "x": x, "y": y, "kept": found.kept})


def write_maps(run: Run, drawn: dict[Place, Drawn], turned: dict[Place, Alignment]) -> None:
    with run.writer("maps") as write:
        for place, found in drawn.items():
            epoch, layer = place
            turn = turned[place]
            write(
                {
                    "epoch": [epoch],
                    "layer": [layer],
                    **found.row,
                    "alignment_matrix": [turn.matrix.ravel()],
                    "alignment_offset": [turn.offset],
                    "alignment_residual": [turn.residual],
                }
            )


if __name__ == "__main__":
    command.main(write, __doc__)
