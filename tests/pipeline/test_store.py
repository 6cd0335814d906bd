"""Writing tables: whole or not at all, in the declared shape."""

import errno
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import store
from pipeline.errors import InputError, told_in_one_line
from pipeline.schema import TABLES
from pipeline.store import Run, connect

LAYERS = {"layer": ["lstm"], "ordinal": [0], "width": [64], "pooling": ["last"]}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    run = Run("a", tmp_path)
    run.write("layers", LAYERS)
    assert run.read("layers").to_pydict() == LAYERS
    assert run.read("layers").schema == TABLES["layers"].schema


def test_parts_become_one_table_in_row_groups_of_duckdbs_size(tmp_path: Path) -> None:
    run = Run("a", tmp_path)
    with run.writer("metrics") as write:
        for epoch in range(300):
            rows = 5_000
            write({"epoch": [epoch] * rows, "split": ["test"] * rows, "metric": ["loss"] * rows, "value": [0.5] * rows})
    found = pq.ParquetFile(run.path("metrics")).metadata
    sizes = [found.row_group(number).num_rows for number in range(found.num_row_groups)]
    assert sum(sizes) == 1_500_000
    assert set(sizes[:-1]) == {store.ROW_GROUP}
    assert run.read("metrics")["epoch"].to_pylist()[::5_000] == list(range(300))


def test_long_rows_are_written_earlier_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ROW_GROUP", 100)
    files, sizes = [], []
    for held in (store.HELD, 0):
        monkeypatch.setattr(store, "HELD", held)
        run = Run(str(held), tmp_path)
        with run.writer("vectors") as write:
            for epoch in range(7):
                vectors = [[float(epoch)] * 40] * 30
                write({"epoch": [epoch] * 30, "layer": ["lstm"] * 30, "example": range(30), "vector": vectors})
            sizes.append(run.path("vectors").with_name("vectors.parquet.partial").stat().st_size)
        files.append(run.path("vectors").read_bytes())
    assert files[0] == files[1]
    assert sizes[0] < sizes[1] < len(files[1])


def test_a_failure_while_writing_leaves_the_finished_file_and_no_other(tmp_path: Path) -> None:
    run = Run("a", tmp_path)
    run.write("layers", LAYERS)
    before = run.path("layers").read_bytes()
    with pytest.raises(KeyError), run.writer("layers") as write:
        write({"layer": ["lstm"]})
    assert run.path("layers").read_bytes() == before
    assert [path.name for path in run.folder.iterdir()] == ["layers.parquet"]


def test_a_full_disk_is_one_line_and_leaves_the_finished_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """/dev/full answers every write as a full disk does."""
    run = Run("a", tmp_path)
    run.write("layers", LAYERS)
    before = run.path("layers").read_bytes()
    partial = run.path("layers").with_name("layers.parquet.partial")
    partial.symlink_to("/dev/full")
    with pytest.raises(SystemExit) as stopped, told_in_one_line():
        run.write("layers", LAYERS)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "layers.parquet" in said
    assert "no room left on the disk" in said
    assert run.path("layers").read_bytes() == before
    assert not partial.is_symlink()


def test_other_failures_of_the_system_keep_their_traceback(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="broken") as raised, told_in_one_line():
        raise OSError(errno.EIO, "broken")
    assert raised.value.errno == errno.EIO


def test_a_missing_column_is_our_own_bug(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Run("a", tmp_path).write("layers", {"layer": ["lstm"]})
    assert not Run("a", tmp_path).has("layers")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all" * 9])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    run = Run("a", tmp_path)
    run.folder.mkdir()
    run.path("layers").write_bytes(content)
    with pytest.raises(InputError, match=r"layers\.parquet: not a whole Parquet file .*build it again"):
        run.read("layers")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"layers\.parquet: no such file; build it first"):
        Run("a", tmp_path).read("layers")


def test_runs_are_those_with_a_config(tmp_path: Path) -> None:
    for name in ("b", "a"):
        store.write_text(Run(name, tmp_path).config, "x")
    store.write_empty_tables(tmp_path)
    assert store.runs(tmp_path) == ["a", "b"]


def test_views_join_all_runs(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Run(name, tmp_path).write("layers", LAYERS)
    rows = connect(tmp_path).sql("SELECT run, layer FROM layers ORDER BY run").fetchall()
    assert rows == [("one", "lstm"), ("two", "lstm")]


def test_a_folder_name_with_a_quote_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's"
    Run("one", folder).write("layers", LAYERS)
    assert connect(folder).sql("SELECT run FROM layers").fetchall() == [("one",)]


def test_every_type_of_the_schema_has_a_name_in_sql(tmp_path: Path) -> None:
    connection = connect_to_one(tmp_path)
    for table in TABLES.values():
        described = {row[0]: row[1] for row in connection.sql(f'DESCRIBE "{table.name}"').fetchall()}
        for column in table.columns:
            assert described[column.name] == store.sql_type(column.type), f"{table.name}.{column.name}"


def test_a_broken_view_has_the_columns_and_says_why(tmp_path: Path) -> None:
    connection = connect_to_one(tmp_path)
    connection.execute(store.broken_view(TABLES["layers"], "it's broken"))
    assert [row[0] for row in connection.sql("DESCRIBE layers").fetchall()] == [
        "run", "layer", "ordinal", "width", "pooling"
    ]  # fmt: skip
    with pytest.raises(Exception, match="it's broken"):
        connection.sql("SELECT count(*) FROM layers").fetchall()


def connect_to_one(folder: Path):  # type: ignore[no-untyped-def]
    Run("one", folder).write("layers", LAYERS)
    return connect(folder)


def test_keys_are_columns_and_names_differ() -> None:
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert set(table.key) <= set(names)
        assert isinstance(table.schema, pa.Schema)


def test_a_forbidden_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped, told_in_one_line():
        raise PermissionError(errno.EACCES, "Permission denied", "artifacts/run=a/layers.parquet")
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "error: artifacts/run=a/layers.parquet: Permission denied; "
        "change its permissions or work in a folder of your own\n"
    )


def test_a_damaged_file_spoils_its_own_run_only(tmp_path: Path) -> None:
    for name in ("good", "bad"):
        Run(name, tmp_path).write("mapped", {"example": [1, 2]})
    path = Run("bad", tmp_path).path("mapped")
    path.write_bytes(path.read_bytes()[:-20])
    connection = store.connect(tmp_path)
    for asked in ("SELECT count(*) FROM mapped WHERE run = ?", "SELECT sum(example) - 1 FROM mapped WHERE run = ?"):
        assert connection.execute(asked, ["good"]).fetchall() == [(2,)]
    for asked in (
        "SELECT count(*) FROM mapped",
        "SELECT * FROM mapped WHERE run = 'bad'",
        "SELECT example FROM mapped",
    ):
        with pytest.raises(duckdb.Error, match=r"run=bad/mapped\.parquet: not a whole Parquet file"):
            connection.execute(asked).fetchall()


@pytest.mark.parametrize("size", [0, 200])
def test_examples_of_other_runs_outlive_a_damaged_file_of_mapped_ones(tmp_path: Path, size: int) -> None:
    """Of the tables, only `examples` has a column that the view makes from another table."""
    for name in ("good", "bad", "worse"):
        write_examples(Run(name, tmp_path))
    for name in ("bad", "worse"):
        path = Run(name, tmp_path).path("mapped")
        path.write_bytes(path.read_bytes()[:size])
    connection = store.connect(tmp_path)
    good = {
        "SELECT count(*) FROM examples WHERE run = 'good'": [(3,)],
        "SELECT example, mapped FROM examples WHERE run = 'good' ORDER BY example": [(0, False), (1, True), (2, True)],
        "SELECT sum(example) FROM examples WHERE run = 'good' AND mapped": [(3,)],
        "SELECT label, mapped FROM examples WHERE run = 'good' ORDER BY mapped, label LIMIT 1": [("pos", False)],
        "SELECT e.example FROM examples AS e JOIN mapped AS m USING (run, example) WHERE run = 'good' ORDER BY 1": [
            (1,), (2,)
        ],
        "SELECT id FROM examples WHERE run = 'bad' ORDER BY id": [("0",), ("1",), ("2",)],  # not made from it
    }  # fmt: skip
    for asked, answer in good.items():
        assert connection.execute(asked).fetchall() == answer, asked
    for asked in (
        "SELECT mapped FROM examples WHERE run = 'bad'",
        "SELECT id FROM examples WHERE run = 'bad' AND mapped",
    ):
        with pytest.raises(duckdb.Error, match=r"run=bad/mapped\.parquet: not a whole Parquet file"):
            connection.execute(asked).fetchall()
    with pytest.raises(duckdb.Error, match=r"mapped\.parquet: not a whole Parquet file"):
        connection.execute("SELECT mapped FROM examples").fetchall()


def test_both_files_of_a_run_may_be_damaged(tmp_path: Path) -> None:
    for name in ("good", "bad"):
        write_examples(Run(name, tmp_path))
    for table in ("mapped", "examples"):
        Run("bad", tmp_path).path(table).write_bytes(b"PAR1")
    connection = store.connect(tmp_path)
    assert connection.sql("SELECT count(*) FROM examples WHERE run = 'good' AND mapped").fetchall() == [(2,)]
    with pytest.raises(duckdb.Error, match=r"run=bad/examples\.parquet: not a whole Parquet file"):
        connection.sql("SELECT count(*) FROM examples WHERE run = 'bad'").fetchall()


def write_examples(run: Run) -> None:
    """Three examples, of which the last two are mapped."""
    nothing = [None] * 3
    run.write("mapped", {"example": [1, 2]})
    run.write(
        "examples",
        {
            "example": [0, 1, 2], "id": ["0", "1", "2"], "split": ["test"] * 3, "label": ["pos", "neg", "pos"],
            "text": ["a", "b", "c"], "steps": nothing, "length": [1] * 3, "original_length": [1] * 3,
            "seen": [False] * 3, "attributes": nothing,
        },
    )  # fmt: skip
