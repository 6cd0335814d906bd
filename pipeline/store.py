"""Where results lie and how they are written and read: one Parquet file a table and run, one DuckDB view a table.

The only file that knows paths. It never imports torch: a query starts fast.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.columns import Column, Table
from pipeline.config import RESERVED_RUN
from pipeline.errors import InputError
from pipeline.schema import RUN, TABLES

if TYPE_CHECKING:
    import duckdb

ARTIFACTS = Path("artifacts")
Damage = Mapping[str, Mapping[str, str]]  # {table: {run: what is wrong with its file}}
ROW_GROUP = 122_880  # DuckDB's own: one thread reads one group
ROW_GROUPS_AT_ONCE = 8
HELD = 128 * 2**20  # bytes of whole row groups that wait to be written, where rows are long
SQL_TYPES = {
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
}


class Run:
    """The folder of one run."""

    def __init__(self, name: str, artifacts: Path = ARTIFACTS) -> None:
        self.name, self.artifacts = name, artifacts
        self.folder = artifacts / f"run={name}"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def checkpoint(self, epoch: int) -> Path:
        return self.checkpoints / f"epoch={epoch:03d}.ckpt"

    @property
    def scores(self) -> Path:
        """The last epoch's metrics as JSON, for `dvc metrics`."""
        return self.folder / "scores.json"

    def curve(self, metric: str) -> Path:
        """A metric over the epochs as CSV, for `dvc plots`."""
        return self.folder / f"{metric}.csv"

    @property
    def inputs(self) -> Path:
        """Hashes of the files that a run was made of, where it was built without DVC, which keeps its own."""
        return self.folder / "inputs.json"

    @property
    def resume(self) -> Path:
        """Finished epochs of trainings, outside of what DVC deletes before a stage starts."""
        return self.artifacts / "resume" / self.name

    @property
    def lock(self) -> Path:
        """Held by the process that builds the run."""
        return self.artifacts / "resume" / f"{self.name}.lock"

    @property
    def selections(self) -> Path:
        """Selections that people saved in the viewer, one JSON file each, outside of what DVC deletes."""
        return self.artifacts / "selections" / f"run={self.name}"

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def has(self, table: str) -> bool:
        return self.path(table).exists()

    def write(self, table: str, columns: Mapping[str, Any]) -> None:
        """Write a whole table at once; `columns` in any order, as arrays or lists."""
        with self.writer(table) as write:
            write(columns)

    @contextmanager
    def writer(self, table: str) -> Iterator[Any]:
        """Write a table part by part: yields a function that takes the columns of the next rows.

        The file appears under its name when the block ends well, whole; otherwise nothing changes.
        """
        declared = TABLES[table]
        waiting: list[pa.Table] = []
        with replacing(self.path(table)) as partial, pq.ParquetWriter(partial, **encoded(declared)) as file:

            def flush(rows: int) -> None:
                whole = pa.concat_tables(waiting)
                file.write_table(whole.slice(0, rows), row_group_size=ROW_GROUP)
                waiting[:] = [whole.slice(rows)]

            def write(columns: Mapping[str, Any]) -> None:
                arrays = [arrow(columns[column.name], column) for column in declared.stored]
                waiting.append(pa.Table.from_arrays(arrays, schema=declared.schema))
                rows = sum(part.num_rows for part in waiting)
                many = rows >= ROW_GROUPS_AT_ONCE * ROW_GROUP
                if many or (rows >= ROW_GROUP and sum(part.nbytes for part in waiting) >= HELD):
                    flush(rows - rows % ROW_GROUP)

            yield write
            if waiting:
                flush(sum(part.num_rows for part in waiting))

    def read(self, table: str, columns: list[str] | None = None) -> pa.Table:
        """The stored columns of a table, from the file itself."""
        path = self.path(table)
        try:
            return pq.read_table(path, columns=columns, partitioning=None)
        except FileNotFoundError:
            raise InputError(f"{path}: no such file; build it first: dvc repro, or python -m pipeline") from None
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{path}: not a whole Parquet file ({error}); delete it and build it again") from None


def arrow(values: Any, column: Column) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values.cast(column.type)
    return pa.array(values, type=column.type, from_pandas=True)


def encoded(table: Table) -> dict[str, Any]:
    """How the file of a table is packed: zstd, declared encodings, dictionaries for all other plain columns."""
    encodings = {column.name: column.encoding for column in table.stored if column.encoding}
    plain = [column.name for column in table.stored if column.type in SQL_TYPES and not column.encoding]
    return {
        "schema": table.schema,
        "compression": "zstd",
        "use_dictionary": plain,
        "column_encoding": encodings or None,
    }


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well, and is removed otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as failure:
        failure.filename = failure.filename or str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)


def claims(artifacts: Path = ARTIFACTS) -> Path:
    """What was found of the paper's claims, for the viewer; `claims.md` beside it is for people. Both are in git."""
    return artifacts / "claims.json"


def write_text(path: Path, text: str) -> None:
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    with replacing(path) as partial:
        partial.write_bytes(content)


def runs(artifacts: Path = ARTIFACTS) -> list[str]:
    """The names of all runs that have a config, sorted."""
    return sorted(path.parent.name.removeprefix("run=") for path in artifacts.glob("run=*/config.yaml"))


def write_empty_tables(artifacts: Path = ARTIFACTS, anew: bool = False) -> None:
    """One file without rows for every table: a table that no run has yet is an empty view, not an error."""
    empty = Run(RESERVED_RUN, artifacts)
    for table in TABLES.values():
        if anew or not empty.has(table.name):
            empty.write(table.name, {column.name: [] for column in table.stored})


def view(table: Table, artifacts: Path, damage: Damage | None = None) -> str:
    """The CREATE VIEW of a table over all runs. Plain enough for the DuckDB command line, which is older.

    damage: files that cannot be read, by table and run. Whoever asks for a row of such a run, or for a column that is
    derived from one, is told what is wrong.
    """
    damage = damage or {}
    spoiled = {column.asked for column in table.columns if column.asked in damage}
    # In place of the views of these names, which fail for every run as soon as one row of them is asked for.
    whole = ", ".join(f'"{name}" AS ({whole_rows(TABLES[name], artifacts, damage)})' for name in sorted(spoiled))
    parts = [whole_rows(table, artifacts, damage)]
    parts += [failing(table, reason, quoted(run)) for run, reason in damage.get(table.name, {}).items()]
    start = f"WITH {whole}\n" if whole else ""
    return f'CREATE OR REPLACE VIEW "{table.name}" AS {start}' + "\nUNION ALL ".join(parts) + ";"


def whole_rows(table: Table, artifacts: Path, damage: Damage) -> str:
    """A SELECT of all rows of a table but those in damaged files."""
    columns = [RUN.name] + [selected(column, damage.get(column.asked, {})) for column in table.columns]
    files = quoted(f"{artifacts}/run=*/{table.name}.parquet")
    if broken := damage.get(table.name):
        whole = [path for path in table_files(table, artifacts) if run_of(path) not in broken]
        files = f"[{', '.join(quoted(str(path)) for path in whole)}]"
    return (
        f"SELECT {', '.join(columns)}\n"
        f"FROM read_parquet({files}, hive_partitioning = true, hive_types = {{'run': VARCHAR}}, union_by_name = true)"
    )


def selected(column: Column, broken: Mapping[str, str]) -> str:
    """A column as a SELECT names it. broken: {run: reason} of the table that a derived one asks: there it fails."""
    if not column.derived:
        return f'"{column.name}"'
    fails = "".join(
        f" WHEN {RUN.name} = {quoted(run)} THEN error({quoted(reason)})::{sql_type(column.type)}"
        for run, reason in broken.items()
    )
    return (f"CASE{fails} ELSE {column.derived} END" if fails else column.derived) + f' AS "{column.name}"'


def failing(table: Table, reason: str, run: str) -> str:
    """A SELECT of the table's columns for the SQL text `run`: fails with `reason`, unless other runs are asked for."""
    error = f"error({quoted(reason)})"  # in every column too: a filter on one would else be answered with no rows
    columns = ", ".join(f'{error}::{sql_type(column.type)} AS "{column.name}"' for column in table.columns)
    return f"SELECT {run} AS {RUN.name}, {columns} WHERE {error}::BOOLEAN"


def table_files(table: Table, artifacts: Path) -> list[Path]:
    return sorted(artifacts.glob(f"run=*/{table.name}.parquet"))


def run_of(path: Path) -> str:
    return path.parent.name.removeprefix("run=")


def damaged(table: Table, artifacts: Path) -> dict[str, str]:
    """{run: what is wrong} of the files of a table that are not whole Parquet files."""
    found = {}
    for path in table_files(table, artifacts):
        try:
            pq.read_metadata(path)
        except (pa.ArrowInvalid, OSError) as error:
            found[run_of(path)] = f"{path}: not a whole Parquet file ({error}); delete it and build it again"
    return found


def views(artifacts: Path = ARTIFACTS) -> str:
    """All views as one SQL script."""
    return "\n\n".join(view(table, artifacts) for table in TABLES.values()) + "\n"


def broken_view(table: Table, reason: str) -> str:
    """A view that says why its files cannot be read, to whoever asks for any of its rows or columns."""
    return f'CREATE OR REPLACE VIEW "{table.name}" AS {failing(table, reason, f"error({quoted(reason)})::VARCHAR")};'


def connect(artifacts: Path | str = ARTIFACTS) -> "duckdb.DuckDBPyConnection":
    """A DuckDB connection with one view a table over all runs; use one `.cursor()` a thread.

    Raises InputError where there is no store at all. A damaged file spoils its own table of its own run only.
    """
    import duckdb  # only who asks loads it: in processes that train it would complain at their end

    artifacts = Path(artifacts)
    if not any(artifacts.glob("run=*")):
        raise InputError(f"{artifacts}: no runs here; build one with make repro, and ask from the project's folder")
    write_empty_tables(artifacts)
    connection = duckdb.connect()
    damage: dict[str, dict[str, str]] = {}
    for table in TABLES.values():  # a table stands behind the one that its columns ask
        try:
            connection.execute(view(table, artifacts, damage))
        except duckdb.Error as error:
            if broken := damaged(table, artifacts):
                damage[table.name] = broken
                connection.execute(view(table, artifacts, damage))
            else:
                connection.execute(broken_view(table, reason(error)))
    return connection


def reason(error: "duckdb.Error") -> str:
    """What DuckDB says, without the excerpt of the query below it."""
    return " ".join(re.split(r"\n\s*LINE \d+:", str(error))[0].split())


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type."""
    if pa.types.is_map(kind):
        return f"MAP({sql_type(kind.key_type)}, {sql_type(kind.item_type)})"
    if pa.types.is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    return SQL_TYPES[kind]
