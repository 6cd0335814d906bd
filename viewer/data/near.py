"""Who is near one review in a layer, asked of the table neighbors when it is pointed at.

Of a few hundred reviews all neighbours travel to the browser at once; of many thousands they would be megabytes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.data.facts import Facts
from viewer.data.maps import Mapped
from viewer.data.source import Source

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Near:
    """rows: (k,) row numbers of the nearest in the layer, nearest first; distances: (k,) to them, in the layer."""

    rows: Ints
    distances: Floats


NOBODY = Near(np.empty(0, np.int64), np.empty(0))


def near(source: Source, facts: Facts, reviews: Mapped, epoch: int, layer: str, row: int) -> Near:
    """The neighbours of the review in `row`, as many as the table lists; InputError where the table cannot be read."""
    frame = source.frame(
        "SELECT neighbor, distance FROM neighbors "
        "WHERE run = ? AND epoch = ? AND layer = ? AND example = ? ORDER BY rank",
        facts.run,
        epoch,
        layer,
        int(reviews.examples[row]),
    )
    return Near(reviews.places(frame["neighbor"].to_numpy()), frame["distance"].to_numpy(np.float64))
