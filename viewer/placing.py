"""A map of the store on which new vectors are placed, as the method that drew it says. No file, no Panel."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.explain import graph, isomap, projections
from pipeline.explain.align import Alignment, procrustes
from pipeline.explain.neighbors import nearest_to

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Near = tuple[Ints, Floats]  # (n, k) nearest of each vector, and the distances to them

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
    """vectors: (n, width) on the map; examples: (n,) whose they are; neighbors: how many of them tell a place.

    placed: (1, width) vector, and the (1, neighbors) nearest and their distances, to its (1, 2) place on the aligned
    map; far: see `usual`.
    """

    vectors: Floats
    examples: Ints
    neighbors: int
    placed: Callable[[Floats, Ints, Floats], Floats]
    far: float

    def position(self, vector: Floats, listed: int) -> Position:
        """The place of one (width,) vector, with its `listed` nearest examples."""
        index, distance = nearest_to(vector[None], self.vectors, max(listed, self.neighbors))
        x, y = self.placed(vector[None], index[:, : self.neighbors], distance[:, : self.neighbors])[0]
        near = zip(self.examples[index[0, :listed]].tolist(), distance[0, :listed].tolist(), strict=True)
        return Position(float(x), float(y), vector, tuple(near), bool(distance[0, 0] > self.far))


def usual(distances: Floats) -> float:
    """The distance within which LIKE in 100 of n vectors have their nearest other one; distances: (n, k)."""
    return float(np.percentile(distances[:, 0], LIKE))


def turned_back(points: Floats, alignment: Alignment) -> Floats:
    """(n, 2) points of an aligned map as Isomap laid them out; an axis that is mere rounding is 0 throughout."""
    coordinates = (points - alignment.offset) @ alignment.matrix.T
    sizes = (coordinates**2).sum(axis=0)
    kept: Floats = np.where(sizes > isomap.ROUNDING * sizes.max(), coordinates, 0.0)
    return kept


def by_isomap(
    vectors: Floats, near: Near, points: Floats, alignment: Alignment, landmarks: Ints
) -> Callable[[Floats, Ints, Floats], Floats]:
    """By Isomap's formula. Its axes are the stored points', turned back: computed anew they may come out mirrored.

    Of all that Isomap computes, the graph alone is needed: the shortest paths from one sentence take a moment.
    """
    edges, _ = graph.joined(vectors, *near)
    on = isomap.frame(vectors, edges, near[0].shape[1], landmarks, turned_back(points, alignment))
    return lambda vector, index, distance: alignment.apply(isomap.place_beside(on, index, distance))


def by_components(vectors: Floats, points: Floats) -> Callable[[Floats, Ints, Floats], Floats]:
    """By the same projection as the points, turned and mirrored as they are."""
    mean, axes = projections.components(vectors)
    turn = procrustes((vectors - mean) @ axes, points)
    return lambda vector, index, distance: turn.apply((vector - mean) @ axes)


def by_neighbors(points: Floats) -> Callable[[Floats, Ints, Floats], Floats]:
    """Among the points of its nearest, for UMAP and t-SNE: their fitted models are not kept."""
    return lambda vector, index, distance: projections.between(points, index, distance)
