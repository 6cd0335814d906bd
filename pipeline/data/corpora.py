"""A corpus file to one Arrow table with a split for every example. Reads `config.corpus.file`, writes nothing."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.config import Corpus
from pipeline.data.splits import stratified
from pipeline.errors import InputError

SPLITS = ("train", "validation", "test")


def load(corpus: Corpus, folder: Path = Path()) -> pa.Table:
    """Read and check a corpus.

    Returns a table `example` (row number in the file), `split`, `id`, `label`, `text`, `attributes` (a map of the
    file's other plain columns to text), in the order of the file.
    Raises InputError naming the file, row and column where something is wrong.
    """
    path = folder / corpus.file
    table = renamed(read(path), corpus, path)
    if table.num_rows == 0:
        raise InputError(f"{path}: no rows; a corpus needs examples")
    check(table, corpus, path)
    return with_splits(table, corpus, path)


def read(path: Path) -> pa.Table:
    if path.is_dir():
        raise InputError(f"{path}: a folder; set corpus.file to a Parquet file")
    try:
        return pq.read_table(path, partitioning=None)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; set corpus.file to a Parquet file") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: not a whole Parquet file ({error}); get it again, or write it as Parquet") from None


def renamed(table: pa.Table, corpus: Corpus, path: Path) -> pa.Table:
    """The needed columns under our names, as plain strings."""
    wanted = {"split": corpus.split, "id": corpus.id, "label": corpus.label, "text": corpus.text}
    columns: dict[str, pa.Array] = {"example": pa.array(np.arange(table.num_rows, dtype=np.int32))}
    for ours, theirs in wanted.items():
        if theirs is None:
            continue
        if theirs not in table.column_names:
            raise InputError(
                f"{path}: no column {theirs!r} (corpus.{ours}); the file has {', '.join(table.column_names)}"
            )
        columns[ours] = as_text(table[theirs], f"{path}: column {theirs!r} (corpus.{ours})")
    if corpus.id is None:
        columns["id"] = columns["example"].cast(pa.string())
    columns["attributes"] = attributes(table, set(wanted.values()))
    return pa.table(columns)


def attributes(table: pa.Table, used: set[str | None]) -> pa.Array:
    """For every row, the values of the columns that are not `used`, as (name, text) pairs; lists are left out."""
    texts = {}
    for name in table.column_names:
        if name not in used and not pa.types.is_nested(table.schema.field(name).type):
            texts[name] = table[name].cast(pa.string()).to_pylist()
    rows = [[(name, values[row]) for name, values in texts.items()] for row in range(table.num_rows)]
    return pa.array(rows, pa.map_(pa.string(), pa.string()))


def as_text(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """A column as strings; InputError where it holds anything else."""
    try:
        strings = column.cast(pa.string())
        strings.validate(full=True)
    except pa.ArrowNotImplementedError:
        raise InputError(f"{where} holds {column.type}; it must hold text") from None
    except pa.ArrowInvalid:
        row = next((row for row, value in enumerate(column) if not is_utf8(value)), 0)
        raise InputError(f"{where}: row {row}: not UTF-8; convert the file to UTF-8") from None
    return strings


def is_utf8(value: pa.Scalar) -> bool:
    try:
        content = value.as_py()
        if isinstance(content, bytes):
            content.decode()
    except UnicodeDecodeError:
        return False
    return True


def check(table: pa.Table, corpus: Corpus, path: Path) -> None:
    for column in table.column_names:
        if column != "attributes" and table[column].null_count:
            row = pc.index(table[column].is_null(), True).as_py()
            raise InputError(f"{path}: row {row}: {column} is null; fill it in or leave the row out")
    expect(table, "label", corpus.classes, "corpus.classes", path)
    if "split" in table.column_names:
        expect(table, "split", list(SPLITS), "the known splits", path)
    counts = table.group_by("id").aggregate([("example", "count"), ("example", "max")])
    repeated = counts.filter(pc.greater(counts["example_count"], 1))
    if repeated.num_rows:
        row, identity = repeated["example_max"][0], repeated["id"][0]
        raise InputError(f"{path}: row {row}: the id {identity.as_py()!r} occurs twice; ids must differ")


def expect(table: pa.Table, column: str, allowed: list[str], source: str, path: Path) -> None:
    wrong = pc.invert(pc.is_in(table[column], pa.array(allowed)))
    if pc.any(wrong).as_py():
        row = pc.index(wrong, True).as_py()
        value = table[column][row].as_py()
        raise InputError(f"{path}: row {row}: {column} {value!r} is not one of {source} ({', '.join(allowed)})")


def with_splits(table: pa.Table, corpus: Corpus, path: Path) -> pa.Table:
    """Draw the test split where the file has none, then hold validation examples out of train where it has none."""
    if "split" in table.column_names:
        split = np.array(table["split"].to_pylist(), dtype=object)
    else:
        split = np.full(table.num_rows, "train", dtype=object)
        draw(split, "test", corpus.test or 0.0, table, corpus.seed)
    if "validation" not in split:
        draw(split, "validation", corpus.validation, table, corpus.seed)
    for name in SPLITS:
        present = set(pc.filter(table["label"], pa.array(split == name)).to_pylist())
        for label in corpus.classes:
            if label not in present:
                raise InputError(f"{path}: the {name} split has no example of class {label!r}; add some")
    columns = {"example": table["example"], "split": pa.array(split, pa.string())}
    return pa.table(columns | {name: table[name] for name in ("id", "label", "text", "attributes")})


def draw(split: np.ndarray, name: str, share: float, table: pa.Table, seed: int) -> None:
    """Move `share` of the rows marked "train" to the split `name`, in place, stratified by label."""
    rows = np.flatnonzero(split == "train")
    pool = table.take(pa.array(rows))
    chosen = stratified(pool["id"].to_pylist(), pool["label"].to_pylist(), share, seed)
    split[rows[chosen]] = name
