"""The sequences of numbers of a corpus as columns of the store, and their channels' scales, learned from training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import Corpus
from pipeline.data.channels import Channels, Reals, measured, unchanged
from pipeline.data.sequences import Ints

Columns = dict[str, Any]


class Numbers:
    """The counterpart of `texts.Texts`: an element is a step, a vector of one number a channel.

    steps: (n,) lists of lists of float32, all inner ones of one length.
    lengths, original_lengths: (n,) steps of every sequence, within the cut and in all.
    """

    element = "step"

    def __init__(self, steps: pa.ListArray, settings: Corpus) -> None:
        self.steps, self.settings = steps, settings
        self.original_lengths = pc.list_value_length(steps).to_numpy().astype(np.int64)
        self.lengths = np.minimum(self.original_lengths, settings.max_length)
        vectors = steps.flatten()
        self.numbers: Reals = vectors.flatten().to_numpy().reshape(len(vectors), -1)
        self.offsets = np.concatenate([[0], np.cumsum(self.original_lengths)])

    def learn(self, rows: Ints, labels: Sequence[str], classes: list[str]) -> dict[str, Columns]:
        """Measure the channels over the training sequences `rows`, within the cut.

        Returns the tables vocabulary and channels.
        """
        read = np.concatenate([self.cut(row) for row in rows])
        self.channels: Channels = measured(read) if self.settings.standardize else unchanged(read.shape[1])
        channels = {
            "channel": range(1, self.channels.count + 1),
            "center": self.channels.center,
            "scale": self.channels.scale,
        }
        return {"vocabulary": {"word": [], "token": [], "count": [], "counts": []}, "channels": channels}

    def cut(self, row: int) -> Reals:
        """(length, channels) numbers of one sequence within the cut."""
        return self.numbers[self.offsets[row] : self.offsets[row] + self.lengths[row]]

    def keys(self, rows: Ints) -> list[bytes]:
        """What two sequences have in common that are the same."""
        return [self.numbers[self.offsets[row] : self.offsets[row + 1]].tobytes() for row in rows]

    def whole(self, rows: Ints) -> Columns:
        return {"text": pa.nulls(len(rows)), "steps": self.steps.take(pa.array(rows))}

    def read(self, rows: Ints) -> Columns:
        """The steps within the cut, not yet scaled: the table channels says how."""
        return {"tokens": pa.nulls(len(rows)), "steps": [list(self.cut(row)) for row in rows]}

    def elements(self, rows: Ints) -> Columns:
        """A row for each step, which has neither a spelling nor a place in a text."""
        nothing = pa.nulls(int(self.lengths[rows].sum()))
        return dict.fromkeys(("element", "start", "stop", "known", "token"), nothing)
