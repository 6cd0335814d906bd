"""Stage 5: a map of every layer at every checkpoint, aligned backwards from the last one.

Reads checkpoints, examples and elements; writes layers, vectors, points, neighbors and maps.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from pipeline.config import Config, Maps
from pipeline.data import stored
from pipeline.data.sequences import Ints, Sequences
from pipeline.errors import InputError
from pipeline.explain import isomap, quality
from pipeline.explain.align import Alignment, procrustes, upright
from pipeline.explain.isomap import Map
from pipeline.explain.layers import vectors
from pipeline.explain.neighbors import nearest
from pipeline.models import checkpoints
from pipeline.stages import command
from pipeline.store import Run

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """A map and how it is turned."""

    fitted: Map
    alignment: Alignment

    @property
    def coordinates(self) -> Floats:
        return self.alignment.apply(self.fitted.coordinates)


def write(run: Run, config: Config) -> None:
    everything = stored.test(run)
    mapped = stored.mapped(run, everything)
    sequences = everything.subset(np.flatnonzero(mapped))
    lengths = run.read("examples", ["original_length"])["original_length"].to_numpy()[mapped]
    layers = list(config.maps.layers)
    epochs = config.epochs
    outputs = layer_outputs(run, config, sequences)
    maps = {
        (epoch, layer): isomap.fit(outputs[epoch][layer], config.maps.graph_neighbors)
        for epoch in tqdm(epochs, desc="maps", unit="epoch", disable=None)
        for layer in layers
    }
    placed = {layer: aligned([maps[epoch, layer] for epoch in epochs], sequences.labels, lengths) for layer in layers}
    write_layers(run, config.maps, outputs[0])
    # Rows are sorted by epoch, then by the layer's name.
    order = [(epoch, layer) for epoch in epochs for layer in sorted(layers)]
    write_vectors(run, order, outputs, sequences)
    write_points(run, order, placed, sequences, config.maps)
    write_neighbors(run, order, outputs, sequences, config.maps)
    write_maps(run, order, placed, sequences, config.maps)


def layer_outputs(run: Run, config: Config, sequences: Sequences) -> list[dict[str, Floats]]:
    """For every epoch, {layer: (n, width)} vectors of the mapped examples."""
    expected = checkpoints.describe(config, run)
    inputs, lengths = sequences.padded(np.arange(len(sequences)))
    result = []
    for epoch in config.epochs:
        network = checkpoints.load(run.checkpoint(epoch), expected)
        try:
            found = vectors(network, config.maps.layers, inputs, lengths)
        except ValueError as error:
            raise InputError(f"config: maps.layers: {error}") from None
        result.append({layer: vector.numpy().astype(np.float64) for layer, vector in found.items()})
    return result


def aligned(maps: list[Map], labels: Ints, lengths: Ints) -> list[Placed]:
    """Turn the last map upright, then each earlier one onto the one after it.

    labels: (n,) numbers of classes; the last, the positive one of two, comes to lie right. lengths: (n,) before any
    cut, so that runs that read more or less of a text are turned alike.
    """
    last = upright(maps[-1].coordinates, labels == labels.max(), lengths.astype(np.float64))
    placed = [Placed(maps[-1], last)]
    for fitted in reversed(maps[:-1]):
        placed.insert(0, Placed(fitted, procrustes(fitted.coordinates, placed[0].coordinates)))
    return placed


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


def write_vectors(
    run: Run, order: list[tuple[int, str]], outputs: list[dict[str, Floats]], sequences: Sequences
) -> None:
    with run.writer("vectors") as write:
        for epoch, layer in order:
            vector = list(outputs[epoch][layer].astype(np.float32))
            write({**per_example(epoch, layer, sequences), "vector": vector})


def per_example(epoch: int, layer: str, sequences: Sequences, times: int = 1) -> dict[str, object]:
    examples = np.repeat(sequences.examples, times)
    return {"epoch": np.full(len(examples), epoch), "layer": [layer] * len(examples), "example": examples}


def write_points(
    run: Run, order: list[tuple[int, str]], placed: dict[str, list[Placed]], sequences: Sequences, maps: Maps
) -> None:
    with run.writer("points") as write:
        for epoch, layer in order:
            found = placed[layer][epoch]
            x, y = found.coordinates.T
            kept = quality.kept(found.fitted.vectors, found.coordinates, maps.listed_neighbors)
            write({**per_example(epoch, layer, sequences), "x": x, "y": y, "kept": kept})


def write_neighbors(
    run: Run, order: list[tuple[int, str]], outputs: list[dict[str, Floats]], sequences: Sequences, maps: Maps
) -> None:
    k = maps.listed_neighbors
    with run.writer("neighbors") as write:
        for epoch, layer in order:
            index, distance = nearest(outputs[epoch][layer], k)
            write(
                {
                    **per_example(epoch, layer, sequences, k),
                    "rank": np.tile(np.arange(1, k + 1), len(sequences)),
                    "neighbor": sequences.examples[index].ravel(),
                    "distance": distance.ravel(),
                }
            )


def write_maps(
    run: Run, order: list[tuple[int, str]], placed: dict[str, list[Placed]], sequences: Sequences, maps: Maps
) -> None:
    k = maps.listed_neighbors
    with run.writer("maps") as write:
        for epoch, layer in order:
            found = placed[layer][epoch]
            fitted, alignment = found.fitted, found.alignment
            write(
                {
                    "epoch": [epoch],
                    "layer": [layer],
                    "residual_variance": [isomap.residual_variance(fitted)],
                    "trustworthiness": [quality.trust(fitted.vectors, fitted.coordinates, k)],
                    "continuity": [quality.continuity(fitted.vectors, fitted.coordinates, k)],
                    "neighborhood_hit": [quality.neighborhood_hit(fitted.coordinates, sequences.labels, k)],
                    "components": [fitted.components],
                    "alignment_matrix": [alignment.matrix.ravel()],
                    "alignment_offset": [alignment.offset],
                    "alignment_residual": [alignment.residual],
                }
            )


if __name__ == "__main__":
    command.main(write, __doc__)
