"""The texts of a corpus as columns of the store: their words, and the vocabulary learned from those of training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.config import Corpus
from pipeline.data.sequences import Ints, find_words
from pipeline.data.words import FIRST_WORD, PADDING, UNKNOWN_WORD, Vocabulary, most_frequent

Columns = dict[str, Any]


class Texts:
    """Every method takes row numbers of the corpus and answers with columns for these rows.

    lengths, original_lengths: (n,) words of every text, within the cut and in all.
    """

    element = "word"

    def __init__(self, texts: Sequence[str], settings: Corpus) -> None:
        self.texts = texts
        self.words = find_words(texts, settings.max_length)
        self.lengths, self.original_lengths = np.diff(self.words.offsets), self.words.original_lengths
        self.size = settings.vocabulary

    def learn(self, rows: Ints, labels: Sequence[str], classes: list[str]) -> dict[str, Columns]:
        """Take the most frequent words of the training texts `rows`, counted as the network reads them: within the cut.

        labels: of all texts. Returns the tables vocabulary and channels.
        """
        read = {int(row): self.spelled(row) for row in rows}
        self.vocabulary: Vocabulary = most_frequent(read.values(), self.size)
        counts = {name: np.zeros(self.vocabulary.size, np.int64) for name in classes}
        for row, spelled in read.items():
            np.add.at(counts[labels[row]], self.vocabulary.encode(spelled), 1)
        ids = range(PADDING + 1, self.vocabulary.size)
        vocabulary = {
            "word": [UNKNOWN_WORD, *self.vocabulary.words],
            "token": ids,
            "count": sum(counts.values())[PADDING + 1 :],  # type: ignore[index]  # arrays, never the 0 of an empty sum
            "counts": [[(name, int(count[number])) for name, count in counts.items()] for number in ids],
        }
        return {"vocabulary": vocabulary, "channels": {"channel": [], "center": [], "scale": []}}

    def spelled(self, row: int) -> list[str]:
        """The words of one text within the cut."""
        return self.words.of(row, self.texts[row])

    def keys(self, rows: Ints) -> list[str]:
        """What two texts have in common that are the same."""
        return [self.texts[row] for row in rows]

    def whole(self, rows: Ints) -> Columns:
        return {"text": self.keys(rows), "steps": pa.nulls(len(rows))}

    def read(self, rows: Ints) -> Columns:
        """What the network reads of the texts."""
        return {"tokens": [self.vocabulary.encode(self.spelled(row)) for row in rows], "steps": pa.nulls(len(rows))}

    def elements(self, rows: Ints) -> Columns:
        """A row for each word."""
        spelled = [self.spelled(row) for row in rows]
        tokens = np.concatenate([self.vocabulary.encode(words) for words in spelled])
        offsets = self.words.offsets
        places = np.concatenate([np.arange(offsets[row], offsets[row + 1]) for row in rows])
        return {
            "element": [word for words in spelled for word in words],
            "start": self.words.starts[places],
            "stop": self.words.stops[places],
            "known": tokens >= FIRST_WORD,
            "token": tokens,
        }
