"""Stage 2: read the corpus; write the vocabulary, the test examples and their words, and which of them are mapped.

Reads the corpus file and config.yaml; writes classes, vocabulary, training, examples,
mapped and elements.
"""

import logging

import numpy as np
import pyarrow as pa

from pipeline.config import Config, Corpus
from pipeline.data import corpora
from pipeline.data.sequences import Words, find_words
from pipeline.data.splits import balanced
from pipeline.data.words import FIRST_WORD, PADDING, UNKNOWN_WORD, Vocabulary, most_frequent
from pipeline.errors import InputError
from pipeline.models.scores import outputs_for
from pipeline.stages import command
from pipeline.store import Run

log = logging.getLogger(__name__)
PART = 2_000  # examples whose words are held as Python strings at a time


def write(run: Run, config: Config) -> None:
    corpus = corpora.load(config.corpus)
    words = find_words(corpus["text"].to_pylist(), config.corpus.max_length)
    warn_of_empty(corpus, words, config.corpus)
    write_classes(run, config.corpus.classes)
    vocabulary = write_vocabulary(run, corpus, words, config)
    write_training(run, corpus, words, vocabulary)
    write_examples(run, corpus, words, config)
    write_elements(run, corpus, words, vocabulary)


def warn_of_empty(corpus: pa.Table, words: Words, settings: Corpus) -> None:
    """One warning for all texts without a word; InputError where no others are left of a class in a split."""
    file = settings.file
    for split in corpora.SPLITS:
        left = set(corpus["label"].take(rows_of(corpus, words, split)).to_pylist())
        for name in settings.classes:
            if name not in left:
                raise InputError(f"{file}: the {split} split has no example of class {name!r} with a word in it")
    rows = np.flatnonzero(words.original_lengths == 0)
    if len(rows):
        listed = ", ".join(str(row) for row in rows[:20]) + (", ..." if len(rows) > 20 else "")
        log.warning("warning: %s: %d examples without a word are left out: row %s", file, len(rows), listed)


def write_classes(run: Run, classes: list[str]) -> None:
    single = outputs_for(len(classes)) == 1
    is_output = [not single or number == len(classes) - 1 for number in range(len(classes))]
    run.write("classes", {"class": classes, "ordinal": range(len(classes)), "is_output": is_output})


def write_vocabulary(run: Run, corpus: pa.Table, words: Words, config: Config) -> Vocabulary:
    """The most frequent words of the training split, counted as the network reads them: within the cut."""
    rows = rows_of(corpus, words, "train")
    texts, labels = corpus["text"], corpus["label"]
    read = {int(row): words.of(row, texts[row].as_py()) for row in rows}
    vocabulary = most_frequent(read.values(), config.corpus.vocabulary)
    counts = {name: np.zeros(vocabulary.size, np.int64) for name in config.corpus.classes}
    for row, spelled in read.items():
        np.add.at(counts[labels[row].as_py()], vocabulary.encode(spelled), 1)
    ids = range(PADDING + 1, vocabulary.size)
    run.write(
        "vocabulary",
        {
            "word": [UNKNOWN_WORD, *vocabulary.words],
            "token": ids,
            "count": sum(counts.values())[PADDING + 1 :],  # type: ignore[index]  # arrays, never the 0 of an empty sum
            "counts": [[(name, int(count[number])) for name, count in counts.items()] for number in ids],
        },
    )
    return vocabulary


def write_training(run: Run, corpus: pa.Table, words: Words, vocabulary: Vocabulary) -> None:
    rows = np.sort(np.concatenate([rows_of(corpus, words, split) for split in ("train", "validation")]))
    table = corpus.take(rows)
    with run.writer("training") as write:
        for start in range(0, len(rows), PART):
            part = table.slice(start, PART)
            texts = zip(rows[start : start + PART], part["text"].to_pylist(), strict=True)
            tokens = [vocabulary.encode(words.of(row, text)) for row, text in texts]
            fixed = {name: part[name] for name in ("example", "id", "split", "label")}
            write({**fixed, "tokens": tokens, "steps": pa.nulls(part.num_rows)})


def rows_of(corpus: pa.Table, words: Words, split: str) -> np.ndarray:
    """The rows of a split that hold at least one word."""
    return np.flatnonzero((corpus["split"].to_numpy() == split) & (words.original_lengths > 0))


def write_examples(run: Run, corpus: pa.Table, words: Words, config: Config) -> None:
    rows = rows_of(corpus, words, "test")
    table = corpus.take(rows)
    outside = set(corpus.filter(pa.array(corpus["split"].to_numpy() != "test"))["text"].to_pylist())
    seen = np.array([text in outside for text in table["text"].to_pylist()])
    chosen = pa.array(mapped(table, seen, config))
    run.write(
        "examples",
        {
            **{name: table[name] for name in ("example", "id", "split", "label", "text", "attributes")},
            "steps": pa.nulls(len(rows)),
            "length": np.diff(words.offsets)[rows],
            "original_length": words.original_lengths[rows],
            "seen": seen,
        },
    )
    run.write("mapped", {"example": table["example"].filter(chosen)})


def mapped(table: pa.Table, seen: np.ndarray, config: Config) -> np.ndarray:
    """Which test examples are mapped: equally many of each class, of distinct texts the network never saw.

    They depend on the corpus, its seed and maps.examples alone: runs on one corpus share them.
    """
    texts = table["text"].to_pylist()
    first = {text: row for row, text in reversed(list(enumerate(texts)))}
    unseen = np.array([row for row in sorted(first.values()) if not seen[row]], dtype=np.int64)
    share, rest = divmod(config.maps.examples, len(config.corpus.classes))
    wanted = {name: share + (number < rest) for number, name in enumerate(config.corpus.classes)}
    ids, labels = table["id"].to_pylist(), table["label"].to_pylist()
    chosen = balanced([ids[row] for row in unseen], [labels[row] for row in unseen], wanted, config.corpus.seed)
    if len(chosen) < config.maps.examples:
        raise InputError(
            f"config: maps.examples={config.maps.examples} is more than {config.corpus.file} holds: "
            f"its test split has {len(chosen)} distinct unseen examples for that, equally many of each class"
        )
    marks = np.zeros(len(texts), dtype=bool)
    marks[unseen[chosen]] = True
    return marks


def write_elements(run: Run, corpus: pa.Table, words: Words, vocabulary: Vocabulary) -> None:
    rows = rows_of(corpus, words, "test")
    with run.writer("elements") as write:
        for start in range(0, len(rows), PART):
            part = rows[start : start + PART]
            spelled = [words.of(row, corpus["text"][row].as_py()) for row in part]
            tokens = np.concatenate([vocabulary.encode(spelling) for spelling in spelled])
            places = np.concatenate([np.arange(words.offsets[row], words.offsets[row + 1]) for row in part])
            lengths = [len(spelling) for spelling in spelled]
            write(
                {
                    "example": np.repeat(corpus["example"].take(part).to_numpy(), lengths),
                    "position": np.concatenate([np.arange(1, length + 1) for length in lengths]),
                    "element": [word for spelling in spelled for word in spelling],
                    "start": words.starts[places],
                    "stop": words.stops[places],
                    "known": tokens >= FIRST_WORD,
                    "token": tokens,
                }
            )


if __name__ == "__main__":
    command.main(write, __doc__)
