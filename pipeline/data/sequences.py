"""Examples as numbers: all elements of all sequences in one flat array, cut into padded batches on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

from pipeline.data.words import spans

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sequences:
    """Encoded examples.

    examples: (n,) row numbers in the corpus; labels: (n,) numbers of classes;
    elements: (sum of lengths,) int32 ids of words, or (sum of lengths, channels) float32 vectors;
    offsets: (n + 1,) where each sequence starts in `elements`.
    """

    examples: Ints
    labels: Ints
    elements: npt.NDArray[np.int32] | npt.NDArray[np.float32]
    offsets: Ints

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)

    def padded(self, rows: Sequence[int] | Ints) -> tuple[torch.Tensor, torch.Tensor]:
        """The sequences at `rows` and their (len(rows),) lengths.

        Ids come as (len(rows), longest) int64, vectors as (len(rows), longest, channels) float32; zeros at the end.
        """
        lengths = self.lengths[rows]
        kind = np.int64 if self.elements.ndim == 1 else np.float32
        inputs = np.zeros((len(rows), max(1, int(lengths.max())), *self.elements.shape[1:]), dtype=kind)
        for line, row, length in zip(inputs, rows, lengths, strict=True):
            start = self.offsets[row]
            line[:length] = self.elements[start : start + length]
        return torch.from_numpy(inputs), torch.from_numpy(lengths)

    def subset(self, rows: Ints) -> "Sequences":
        """The sequences at `rows`, in that order."""
        pieces = [self.elements[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        offsets = np.concatenate([[0], np.cumsum(self.lengths[rows])]).astype(np.int64)
        elements = np.concatenate([self.elements[:0], *pieces])
        return Sequences(self.examples[rows], self.labels[rows], elements, offsets)


@dataclass(frozen=True)
class Words:
    """Where the words of texts are: (start, stop) of every kept word, flat, and how many words each text had."""

    starts: npt.NDArray[np.int32]
    stops: npt.NDArray[np.int32]
    offsets: Ints
    original_lengths: Ints

    def of(self, row: int, text: str) -> list[str]:
        """The kept words of text number `row`, in their own spelling."""
        part = slice(self.offsets[row], self.offsets[row + 1])
        return [text[start:stop] for start, stop in zip(self.starts[part], self.stops[part], strict=True)]


def find_words(texts: Sequence[str], max_length: int) -> Words:
    """The first `max_length` words of every text."""
    kept, lengths, original = [np.empty((0, 2), np.int32)], [0], []
    for text in texts:
        found = spans(text)
        original.append(len(found))
        lengths.append(min(len(found), max_length))
        kept.append(np.array(found[:max_length], dtype=np.int32).reshape(-1, 2))
    flat = np.concatenate(kept)
    offsets = np.cumsum(lengths, dtype=np.int64)
    return Words(flat[:, 0].copy(), flat[:, 1].copy(), offsets, np.array(original, dtype=np.int64))
