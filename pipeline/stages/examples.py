"""Stage 2: read the corpus; write what a network needs to know of it, the test examples and their elements.

Reads the corpus and config.yaml; writes classes, vocabulary, channels, training, examples, mapped and elements.
"""

import logging

import numpy as np
import pyarrow as pa

from pipeline.config import Config
from pipeline.data import corpora
from pipeline.data.corpora import Loaded
from pipeline.data.numbers import Numbers
from pipeline.data.sequences import Ints
from pipeline.data.splits import balanced
from pipeline.data.texts import Texts
from pipeline.errors import InputError
from pipeline.models.scores import outputs_for
from pipeline.stages import command
from pipeline.store import Run

log = logging.getLogger(__name__)
PART = 2_000  # examples whose words are held as Python strings at a time
MOST_NAMED = 20  # classes in the line that says what was found
Content = Texts | Numbers


def write(run: Run, config: Config) -> None:
    corpus = corpora.load(config.corpus)
    if config.corpus.classes is None:
        log.info("%s", told(corpus.classes))
    content = content_of(corpus, config)
    warn_of_empty(corpus, content)
    write_classes(run, corpus.classes)
    learned = content.learn(rows_of(corpus, content, "train"), corpus.table["label"].to_pylist(), corpus.classes)
    for table, columns in learned.items():
        run.write(table, columns)
    write_training(run, corpus, content)
    write_examples(run, corpus, content, config)
    write_elements(run, corpus, content)


def told(classes: list[str]) -> str:
    """What was found in the place of corpus.classes."""
    if len(classes) == 2:
        return f"classes: {classes[0]} and, as the positive one, {classes[1]}; corpus.classes gives them another order"
    more = f" and {len(classes) - MOST_NAMED} more" if len(classes) > MOST_NAMED else ""
    return f"{len(classes)} classes: {', '.join(classes[:MOST_NAMED])}{more}"


def content_of(corpus: Loaded, config: Config) -> Content:
    if config.corpus.steps is None:
        return Texts(corpus.table["text"].to_pylist(), config.corpus)
    return Numbers(corpus.table["steps"].combine_chunks(), config.corpus)


def warn_of_empty(corpus: Loaded, content: Content) -> None:
    """One warning for all examples without an element; InputError where no others are left of a class in a split."""
    name = corpus.source.name
    for split in corpora.SPLITS:
        left = set(corpus.table["label"].take(rows_of(corpus, content, split)).to_pylist())
        for label in corpus.classes:
            if label not in left:
                raise InputError(
                    f"{name}: the {split} split has no example of class {label!r} with a {content.element} in it"
                )
    rows = np.flatnonzero(content.original_lengths == 0)
    if len(rows):
        names = corpus.source.rows.names(rows.tolist())
        left_out = "1 example" if len(rows) == 1 else f"{len(rows)} examples"
        was = "is" if len(rows) == 1 else "are"
        log.warning("warning: %s: %s without a %s %s left out: %s", name, left_out, content.element, was, names)


def write_classes(run: Run, classes: list[str]) -> None:
    single = outputs_for(len(classes)) == 1
    is_output = [not single or number == len(classes) - 1 for number in range(len(classes))]
    run.write("classes", {"class": classes, "ordinal": range(len(classes)), "is_output": is_output})


def rows_of(corpus: Loaded, content: Content, split: str) -> Ints:
    """The rows of a split that hold at least one element."""
    return np.flatnonzero((corpus.table["split"].to_numpy() == split) & (content.original_lengths > 0))


def write_training(run: Run, corpus: Loaded, content: Content) -> None:
    rows = np.sort(np.concatenate([rows_of(corpus, content, split) for split in ("train", "validation")]))
    with run.writer("training") as write:
        for start in range(0, len(rows), PART):
            part = rows[start : start + PART]
            table = corpus.table.take(part)
            fixed = {name: table[name] for name in ("example", "id", "split", "label")}
            write({**fixed, **content.read(part)})


def write_examples(run: Run, corpus: Loaded, content: Content, config: Config) -> None:
    rows = rows_of(corpus, content, "test")
    table = corpus.table.take(rows)
    outside = set(content.keys(np.flatnonzero(corpus.table["split"].to_numpy() != "test")))
    keys = content.keys(rows)
    seen = np.array([key in outside for key in keys])
    chosen = pa.array(mapped(table, keys, seen, corpus.classes, config))
    run.write(
        "examples",
        {
            **{name: table[name] for name in ("example", "id", "split", "label", "attributes")},
            **content.whole(rows),
            "length": content.lengths[rows],
            "original_length": content.original_lengths[rows],
            "seen": seen,
        },
    )
    run.write("mapped", {"example": table["example"].filter(chosen)})


def mapped(
    table: pa.Table, keys: list[str] | list[bytes], seen: np.ndarray, classes: list[str], config: Config
) -> np.ndarray:
    """Which test examples are mapped: equally many of each class, of distinct sequences the network never saw; or all.

    They depend on the corpus, its labels and seed and maps.examples alone: runs on one corpus share them.
    """
    if config.maps.examples == "all":
        config.maps.check(len(keys))
        return np.ones(len(keys), dtype=bool)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    unseen = np.array([row for row in sorted(first.values()) if not seen[row]], dtype=np.int64)
    share, rest = divmod(config.maps.examples, len(classes))
    wanted = {name: share + (number < rest) for number, name in enumerate(classes)}
    ids, labels = table["id"].to_pylist(), table["label"].to_pylist()
    chosen = balanced([ids[row] for row in unseen], [labels[row] for row in unseen], wanted, config.corpus.seed)
    if len(chosen) < config.maps.examples:
        most = len(classes) * min(sum(labels[row] == name for row in unseen) for name in classes)
        advice = f"set maps.examples={most} or less, or all" if most > 3 else "add some"
        raise InputError(
            f"config: maps.examples={config.maps.examples} is more than {config.corpus.source} holds: its test split "
            f"has distinct unseen examples for {most}, equally many of each class; {advice}"
        )
    marks = np.zeros(len(keys), dtype=bool)
    marks[unseen[chosen]] = True
    return marks


def write_elements(run: Run, corpus: Loaded, content: Content) -> None:
    rows = rows_of(corpus, content, "test")
    with run.writer("elements") as write:
        for start in range(0, len(rows), PART):
            part = rows[start : start + PART]
            lengths = content.lengths[part]
            write(
                {
                    "example": np.repeat(corpus.table["example"].take(part).to_numpy(), lengths),
                    "position": np.concatenate([np.arange(1, length + 1) for length in lengths]),
                    **content.elements(part),
                }
            )


if __name__ == "__main__":
    command.main(write, __doc__)
