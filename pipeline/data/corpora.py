"""A corpus, checked: every example with a label, a split, and a text or a sequence of vectors. Writes nothing.

Reads `config.corpus.file`, or calls `config.corpus.function`.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.config import Corpus
from pipeline.data import columns, tables
from pipeline.data.splits import stratified
from pipeline.data.tables import Source
from pipeline.errors import InputError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Loaded:
    """A corpus. table: columns example, split, id, label, text or steps, attributes, in the order of the source.

    `example` is the row number from 0, `attributes` a map of the source's other plain columns to text.
    classes: the labels in order; of two the last is the positive one.
    """

    table: pa.Table
    classes: list[str]
    source: Source


def load(corpus: Corpus, folder: Path = Path()) -> Loaded:
    """Read and check a corpus; InputError naming the file, row and column where something is wrong."""
    if corpus.function is None:
        source = tables.read(folder / str(corpus.file))
    else:
        source = tables.call(corpus.function, corpus.arguments)
    names = source.table.column_names
    if source.table.num_rows == 0:
        raise InputError(f"{source.name}: no rows; a corpus needs examples")
    if len(set(names)) < len(names):
        raise InputError(f"{source.name}: column {max(names, key=names.count)!r} is there twice; columns must differ")
    table = renamed(source, corpus)
    classes = checked_classes(table, corpus, source)
    check_splits_and_ids(table, corpus, source)
    return Loaded(with_splits(table, corpus, classes, source), classes, source)


def renamed(source: Source, corpus: Corpus) -> pa.Table:
    """The needed columns under our names."""
    wanted = {"split": corpus.split, "id": corpus.id, "label": corpus.label, "text": corpus.text}
    found: dict[str, pa.Array] = {"example": pa.array(np.arange(source.table.num_rows, dtype=np.int32))}
    for ours, theirs in wanted.items():
        if theirs is not None:
            found[ours] = columns.as_text(source, theirs, ours)
    if corpus.steps is not None:
        found["steps"] = columns.as_steps(source, corpus.steps)
    if corpus.id is None:
        found["id"] = found["example"].cast(pa.string())
    found["attributes"] = attributes(source.table, {*wanted.values(), corpus.steps})
    return pa.table(found)


def attributes(table: pa.Table, used: set[str | None]) -> pa.Array:
    """For every row, the values of the columns that are not `used`, as (name, text) pairs; lists are left out."""
    texts = {}
    for name in table.column_names:
        if name not in used and not pa.types.is_nested(table.schema.field(name).type):
            with suppress(pa.ArrowException):  # bytes that are no text
                texts[name] = table[name].cast(pa.string()).to_pylist()
    rows = [[(name, values[row]) for name, values in texts.items()] for row in range(table.num_rows)]
    return pa.array(rows, pa.map_(pa.string(), pa.string()))


def checked_classes(table: pa.Table, corpus: Corpus, source: Source) -> list[str]:
    """The classes that the config names, or those found; each with examples enough to learn and to test it."""
    labels = table["label"]
    if corpus.classes is not None:
        expect(labels, corpus.classes, "corpus.classes", corpus.label, source)
    counts = {one["values"]: one["counts"] for one in pc.value_counts(labels).to_pylist()}
    if corpus.classes is None and len(counts) == 1:
        raise InputError(
            f"{source.name}: column {corpus.label!r} (corpus.label) holds the one label {next(iter(counts))!r}; "
            "a corpus needs two classes or more"
        )
    for label, count in counts.items():
        if count == 1:
            reason = f"the only example of class {label!r}; add some to learn it from, to validate and to test it"
            raise source.wrong(pc.index(labels, label).as_py(), corpus.label, reason)
    return corpus.classes or sorted(counts, key=natural)


def natural(label: str) -> tuple[float, str]:
    """Sorts labels that are numbers by their value, before all others."""
    try:
        number = float(label)
    except ValueError:
        return math.inf, label
    return (number if math.isfinite(number) else math.inf), label


def expect(values: pa.ChunkedArray, allowed: list[str], what: str, column: str, source: Source) -> None:
    wrong = pc.invert(pc.is_in(values, pa.array(allowed)))
    if pc.any(wrong).as_py():
        row = pc.index(wrong, True).as_py()
        raise source.wrong(row, column, f"{values[row].as_py()!r} is not one of {what} ({', '.join(allowed)})")


def check_splits_and_ids(table: pa.Table, corpus: Corpus, source: Source) -> None:
    if corpus.split is not None:
        expect(table["split"], list(SPLITS), "the known splits", corpus.split, source)
    if corpus.id is not None:
        counts = table.group_by("id").aggregate([("example", "count"), ("example", "max")])
        repeated = counts.filter(pc.greater(counts["example_count"], 1))
        if repeated.num_rows:
            row, identity = repeated["example_max"][0].as_py(), repeated["id"][0].as_py()
            raise source.wrong(row, corpus.id, f"the id {identity!r} occurs twice; ids must differ")


def with_splits(table: pa.Table, corpus: Corpus, classes: list[str], source: Source) -> pa.Table:
    """Draw the test split where the source has none, then hold validation examples out of train where it has none."""
    if corpus.split is not None:
        split = np.array(table["split"].to_pylist(), dtype=object)
    else:
        split = np.full(table.num_rows, "train", dtype=object)
        draw(split, "test", corpus.test or 0.0, table, corpus.seed)
    if "validation" not in split:
        draw(split, "validation", corpus.validation, table, corpus.seed)
    for name in SPLITS:
        present = set(pc.filter(table["label"], pa.array(split == name)).to_pylist())
        for label in classes:
            if label not in present:
                where = f"{source.name}: column {corpus.label!r}"
                raise InputError(f"{where}: the {name} split has no example of class {label!r}; add some")
    content = "text" if corpus.steps is None else "steps"
    fixed = {"example": table["example"], "split": pa.array(split, pa.string())}
    return pa.table(fixed | {name: table[name] for name in ("id", "label", content, "attributes")})


def draw(split: np.ndarray, name: str, share: float, table: pa.Table, seed: int) -> None:
    """Move `share` of the rows marked "train" to the split `name`, in place, stratified by label."""
    rows = np.flatnonzero(split == "train")
    pool = table.take(pa.array(rows))
    chosen = stratified(pool["id"].to_pylist(), pool["label"].to_pylist(), share, seed)
    split[rows[chosen]] = name
