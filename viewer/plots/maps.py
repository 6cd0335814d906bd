"""Layer maps to what a chart draws: scaled places, hollow points, the user's sentence. Arrays in, arrays out."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.data.maps import LayerMap
from viewer.data.near import Near

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FRAME = 2.6  # half the side of a chart, in typical radii: 98 % of the most spread map of the paper's run
ARROW = (0.74, 0.9)  # of the way from the centre to the frame: where an arrow begins and ends


@dataclass(frozen=True)
class Scale:
    """How a map becomes a chart: drawn = (layer distance - centre) / unit."""

    centre: Floats
    unit: float

    def drawn(self, xy: Floats) -> Floats:
        scaled: Floats = (np.asarray(xy) - self.centre) / self.unit
        return scaled


def scale(layer_map: LayerMap, unit: float | None = None) -> Scale:
    """The map at typical radius 1, or with `unit` of layer distance as 1, to compare true sizes."""
    return Scale(layer_map.centre, layer_map.radius if unit is None else unit)


@dataclass(frozen=True)
class Sentence:
    """Where the user's sentence lies on a chart, drawn units. `unlike`: it is like no mapped review, drawn hollow."""

    x: float
    y: float
    unlike: bool

    @property
    def outside(self) -> bool:
        """Whether it lies outside of the frame: then an arrow points there."""
        return max(abs(self.x), abs(self.y)) > FRAME

    @property
    def arrow(self) -> tuple[float, float, float, float, float]:
        """Both ends (x, y, x, y) of the arrow, on the straight way from the centre, and how far its head is turned from
        pointing upwards, in radians, against the clock; NaN where the sentence is in sight."""
        if not self.outside:
            return (math.nan,) * 5
        begin, end = (share * FRAME / max(abs(self.x), abs(self.y)) for share in ARROW)
        turn = math.atan2(self.y, self.x) - math.pi / 2
        return begin * self.x, begin * self.y, end * self.x, end * self.y, turn


@dataclass(frozen=True)
class Chart:
    """One chart of a set that shares its reviews; all arrays have one row a review, in drawing order.

    key: unique in the set; xy: (n, 2) drawn, NaN for a review this map does not have; neighbors, distances: (n, k)
    of the layer itself, may be empty (n, 0); colors: n hex colours; hollow: (n,) wrong predictions;
    predicted: (n,) number of the predicted class; probability: (n,) of that class.
    group: charts of one group say the same of each review: colors, hollow, predicted and probability are equal.
    badly: (n,) which points bear a cross, as badly placed; None: none is marked.
    near: answers with the neighbours of one row, where `neighbors` has none because there are too many.
    """

    key: str
    xy: Floats
    colors: tuple[str, ...]
    hollow: npt.NDArray[np.bool_]
    predicted: Ints
    probability: Floats
    neighbors: Ints
    distances: Floats
    sentence: Sentence | None = None
    group: str = "all"
    badly: npt.NDArray[np.bool_] | None = None
    near: Callable[[int], Near] | None = None

    @property
    def outside(self) -> int:
        """How many reviews lie outside of the frame; zooming out shows them."""
        return int((np.abs(self.xy) > FRAME).any(axis=1).sum())
