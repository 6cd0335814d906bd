"""The box for other people's SQL: right answers, and no way out of the store or past its bounds."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import store
from pipeline.errors import InputError
from pipeline.queries import QUERIES
from pipeline.schema import TABLES
from tests.project import RUN, Project
from viewer.data.sandbox import ROOM, Box, Sandbox
from viewer.data.statement import bare, one_select

PATIENT = 20.0  # seconds
SECRET = "only outside"


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store by hand: two runs with metrics; beside it a file that nobody should read."""
    folder = tmp_path_factory.mktemp("by hand")
    (folder / "secret.txt").write_text(SECRET)
    for name, values in {"a": [0.5, 0.25], "b": [0.75]}.items():
        run = store.Run(name, folder / "store")
        epochs = list(range(len(values)))
        rows = len(values)
        run.write("metrics", {"epoch": epochs, "split": ["test"] * rows, "metric": ["loss"] * rows, "value": values})
        store.write_text(run.config, f"inside: {SECRET}\n")
    return folder / "store"


@pytest.fixture(scope="module")
def box(artifacts: Path) -> Iterator[Sandbox]:
    """With time enough for what has an answer, on a busy machine too."""
    with Sandbox(artifacts, memory="128MB", rows=100, seconds=PATIENT) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def hurried(artifacts: Path) -> Iterator[Sandbox]:
    """For questions that have to be stopped."""
    with Sandbox(artifacts, memory="128MB", rows=100, seconds=1.5) as sandbox:
        yield sandbox


def refused(box: Sandbox, sql: str, said: str = "sql: ") -> str:
    with pytest.raises(InputError, match=said) as told:
        box.select(sql)
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT run, value FROM metrics WHERE epoch = 0 ORDER BY run", [("a", 0.5), ("b", 0.75)]),
        ("FROM metrics SELECT count(*)", [(3,)]),
        ("VALUES (1), (2)", [(1,), (2,)]),
        ("WITH best AS (SELECT max(value) AS m FROM Metrics) SELECT m FROM BEST", [(0.75,)]),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", [(6,)]),
        ("SELECT range FROM range(2) UNION ALL SELECT unnest([7])", [(0,), (1,), (7,)]),
        ("SELECT 1 -- a comment\n ; /* another; */ -- and one", [(1,)]),
        ("SELECT ';' AS \"; --\";;", [(";",)]),
        ("SELECT sum(epoch) FROM metrics", [(1,)]),
        ("SELECT value FROM metrics, LATERAL (SELECT epoch + 1 AS next) WHERE next = 2", [(0.25,)]),
        ("FROM (PIVOT metrics ON run IN ('a', 'b') USING count(*)) SELECT sum(a), sum(b)", [(2, 1)]),
        ("SELECT column_name FROM (DESCRIBE metrics) LIMIT 1", [("run",)]),
        ("SELECT column_name FROM (SUMMARIZE metrics) LIMIT 1", [("run",)]),
    ],
)
def test_one_select_of_any_form_is_answered(box: Sandbox, sql: str, expected: list[tuple[object, ...]]) -> None:
    answer = box.select(sql)
    assert [tuple(row) for row in answer.frame.itertuples(index=False)] == expected
    assert not answer.truncated
    assert 0 < answer.seconds < PATIENT


def test_the_example_queries_give_what_the_command_line_gives(built: Project) -> None:
    with Sandbox(built.artifacts) as sandbox, store.connect(built.artifacts) as plain:
        for query in QUERIES:
            expected = plain.execute(query.of(RUN)).df()
            found = sandbox.select(query.of(RUN)).frame
            assert list(found) == list(expected)
            assert len(found) == len(expected)
            for name in expected:
                if expected[name].dtype.kind == "f":
                    np.testing.assert_allclose(found[name].astype(float), expected[name], rtol=1e-12)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY metrics TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{store}/run=a/points.parquet' (FORMAT parquet)",
        "WITH x AS (COPY metrics TO '{store}/out.csv') SELECT * FROM x",  # DuckDB 2.0 calls this a SELECT
        "WITH x AS (SELECT * FROM (WITH y AS (COPY metrics TO '{store}/out.csv') FROM y)) SELECT * FROM x",
        "WITH x AS (DELETE FROM metrics RETURNING *) SELECT * FROM x",
        "WITH x AS (INSERT INTO metrics VALUES (1) RETURNING *) SELECT * FROM x",
        "EXPORT DATABASE '{store}/out'",
        "ATTACH '{store}/out.duckdb' AS other",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE MACRO f(x) AS TABLE FROM read_text(x)",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET VARIABLE x = 1",
        "RESET lock_configuration",
        "PRAGMA version",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "USE memory",
        "DROP VIEW metrics",
        "CHECKPOINT",
        "VACUUM",
        "PREPARE p AS SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "BEGIN",
        "SHOW TABLES",
        "SHOW DATABASES",
        "PIVOT metrics ON run USING count(*)",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY metrics TO '{folder}/out.csv'",
        "SELECT 1 /* ; */ ; -- \n DROP VIEW metrics",
        "SELECT 1) TO '{folder}/out.csv' --",
        "SELECT 1) AS t; COPY (SELECT 1",
        "",
        " ;; -- nothing",
        "FORM metrics",
    ],
)
def test_anything_but_one_select_is_refused(box: Sandbox, artifacts: Path, sql: str) -> None:
    before = sorted(artifacts.parent.rglob("*"))
    refused(box, sql.format(store=artifacts, folder=artifacts.parent))
    assert sorted(artifacts.parent.rglob("*")) == before


READERS = ("read_text", "read_blob", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_parquet")
OTHERS = ("glob", "parquet_scan", "parquet_metadata", "sniff_csv", "sqlite_scan", "query", "query_table")


@pytest.mark.parametrize("function", [*READERS, *OTHERS, "system.main.read_text", '"READ_TEXT"'])
def test_no_function_reads_a_file(box: Sandbox, artifacts: Path, function: str) -> None:
    refused(box, f"SELECT * FROM {function}('{artifacts}/run=a/config.yaml')")
    refused(box, f"SELECT (SELECT count(*) FROM metrics, {function}('{artifacts.parent}/secret.txt'))")


@pytest.mark.parametrize("path", ["{store}/../secret.txt", "../secret.txt", "{store}/**", "/etc/*", "/etc/passwd"])
def test_no_way_of_writing_a_path_reads_it(box: Sandbox, artifacts: Path, path: str) -> None:
    refused(box, f"SELECT * FROM read_text('{path.format(store=artifacts)}')")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{store}/run=a/metrics.parquet'",
        "SELECT * FROM '{store}/run=*/metrics.parquet'",
        'SELECT * FROM "{folder}/secret.txt"',
        "TABLE '{folder}/secret.txt'",
        "DESCRIBE '{store}/run=a/metrics.parquet'",
        "SUMMARIZE '{store}/run=a/metrics.parquet'",
        # A text's own name hides a file, but only where the name is seen: DuckDB still refuses what lies outside.
        "SELECT * FROM (WITH \"{folder}/secret.csv\" AS (SELECT 1) SELECT 2), '{folder}/secret.csv'",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM enable_logging()",
        "SELECT getenv('HOME')",
        "SELECT * FROM box",
        "SELECT * FROM connection",
        "SELECT * FROM asked",
        "SELECT * FROM os",
    ],
)
def test_nothing_but_the_stores_tables_is_read(box: Sandbox, artifacts: Path, sql: str) -> None:
    (artifacts.parent / "secret.csv").write_text(SECRET)
    refused(box, sql.format(store=artifacts, folder=artifacts.parent))


def test_the_database_itself_is_locked_even_if_the_reading_of_the_text_failed(artifacts: Path) -> None:
    """The second wall: a connection as the process makes it, asked without `one_select`."""
    from viewer.data.box import locked

    with locked(artifacts, "128MB", 1) as connection:
        variable = connection.sql("SELECT 1")
        assert variable is not None
        for sql in (
            f"SELECT * FROM read_text('{artifacts.parent}/secret.txt')",
            f"SELECT * FROM read_text('{artifacts}/../secret.txt')",
            "SELECT * FROM read_text('/etc/passwd')",
            f"SELECT * FROM glob('{artifacts.parent}/*')",
            f"COPY metrics TO '{artifacts.parent}/out.csv'",
            f"ATTACH '{artifacts.parent}/out.duckdb'",
            "SELECT * FROM variable",
            "SET enable_external_access = true",
            "SET memory_limit = '10GB'",
            "SET allowed_directories = ['/']",
            "INSTALL httpfs",
            "LOAD httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def test_rows_are_bounded_and_said_to_be(box: Sandbox) -> None:
    assert len(box.select("SELECT * FROM range(100)").frame) == 100
    assert not box.select("SELECT * FROM range(100)").truncated
    many = box.select("SELECT * FROM range(1000000000000)")
    assert list(many.frame["range"]) == list(range(100))
    assert many.truncated
    few = box.select("SELECT range FROM range(10) ORDER BY range DESC", rows=3)
    assert (list(few.frame["range"]), few.truncated) == ([9, 8, 7], True)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT sum(a.range * b.range) FROM range(1000000) a, range(100000000) b",
        "SELECT count(*) FROM range(100000000) WHERE regexp_matches(repeat(range::VARCHAR, 50), '(a*)*b')",
    ],
)
def test_time_is_bounded(hurried: Sandbox, sql: str) -> None:
    refused(hurried, sql, r"stopped")
    assert hurried.select("SELECT 1").frame.iloc[0, 0] == 1


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The most that each process held, in MB, as the system counted it until its end; in the order of their ends."""
    most: list[float] = []
    close = Box.close

    def weigh(self: Box) -> None:
        if self.process.returncode is None:  # else it is closed for the second time
            self.process.kill()
            _, status, used = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            most.append(used.ru_maxrss * 1024 / 1e6)
        close(self)

    monkeypatch.setattr(Box, "close", weigh)
    return most


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(1000000000)",
        "SELECT string_agg(range::VARCHAR) FROM range(1000000000)",
        "SELECT repeat('x', 10000000) FROM range(1000)",
        "WITH RECURSIVE r AS (SELECT 'x' AS t UNION ALL SELECT t || t FROM r) SELECT max(length(t)) FROM r",
        "SELECT count(DISTINCT hash(range)) FROM range(1000000000)",
    ],
)
def test_memory_is_bounded(artifacts: Path, weighed: list[float], sql: str) -> None:
    """Not by time: there is enough of that."""
    with Sandbox(artifacts, memory="128MB", rows=100, seconds=10 * PATIENT) as sandbox:
        refused(sandbox, sql, "^sql: needs more memory than there is for a question")
        assert sandbox.select("SELECT 1").frame.iloc[0, 0] == 1
    asked, plain = weighed
    assert asked < plain + ROOM * 128


def test_the_bytes_of_an_answer_are_bounded(artifacts: Path) -> None:
    with Sandbox(artifacts, rows=100_000) as sandbox:
        answer = sandbox.select("SELECT repeat('x', 5000) AS long FROM range(50000)")
    assert answer.truncated
    assert 0 < len(answer.frame) * 5000 <= 64 * 2**20


def test_a_killed_process_is_replaced(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Box.ask

    def ask_the_dead(self: Box, question: dict[str, object], seconds: float) -> object:
        self.process.kill()
        return ask(self, question, seconds)

    with monkeypatch.context() as patched:
        patched.setattr(Box, "ask", ask_the_dead)
        refused(box, "SELECT 1", "stopped")
    assert box.select("SELECT 1").frame.iloc[0, 0] == 1


def test_twenty_people_ask_at_once(box: Sandbox) -> None:
    ready = threading.Barrier(20)

    def ask(number: int) -> int:
        ready.wait()
        if number % 5 == 4:
            refused(box, "SELECT * FROM nowhere", "nowhere")
            return number
        return int(box.select(f"SELECT {number} + count(*) - 3 FROM metrics").frame.iloc[0, 0])

    with ThreadPoolExecutor(20) as people:
        assert list(people.map(ask, range(20))) == list(range(20))


def test_new_runs_and_mended_files_are_seen(tmp_path: Path) -> None:
    one = {"epoch": [0], "split": ["test"], "metric": ["loss"], "value": [0.5]}
    store.Run("a", tmp_path).write("metrics", one)
    with Sandbox(tmp_path) as sandbox:
        count = "SELECT count(*) FROM metrics"
        assert sandbox.select(count).frame.iloc[0, 0] == 1
        store.Run("b", tmp_path).write("metrics", one)
        assert sandbox.select(count).frame.iloc[0, 0] == 2
        whole = store.Run("b", tmp_path).path("metrics").read_bytes()
        store.Run("b", tmp_path).path("metrics").write_bytes(whole[: len(whole) // 2])
        refused(sandbox, count, "metrics.parquet")
        assert sandbox.select("SELECT count(*) FROM points").frame.iloc[0, 0] == 0
        store.Run("b", tmp_path).path("metrics").write_bytes(whole)
        assert sandbox.select(count).frame.iloc[0, 0] == 2


def test_no_store_is_one_line(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "none") as sandbox:
        refused(sandbox, "SELECT 1", "no runs here")


def test_a_relation_of_ours_is_asked_like_a_table(box: Sandbox) -> None:
    ours = {"reviews": "SELECT epoch AS example, value > 0.3 AS \"right\" FROM metrics WHERE run = 'a'"}
    found = box.select('SELECT example FROM reviews WHERE "right"', relations=ours).frame
    assert list(found["example"]) == [0]
    refused(box, "SELECT * FROM reviews", "no table 'reviews'")  # gone with the question it was for
    with pytest.raises(InputError, match="syntax error"):
        box.select("SELECT 1 FROM reviews); DROP VIEW reviews; SELECT (1", relations=ours)


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_any_text_is_answered_or_refused(box: Sandbox, text: str) -> None:
    with suppress(InputError):  # any other error fails
        box.select(text)


@given(
    st.lists(
        st.sampled_from(["SELECT 1", ";", "--", "/*", "*/", "'", '"', "\n", "(", ")", "FROM metrics", "COPY x", "$$"])
    )
)
@settings(max_examples=100)
def test_pieces_of_sql_never_become_another_statement(pieces: list[str]) -> None:
    """What is let through is, alone and in brackets, still one query over the tables."""
    text = " ".join(pieces)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE metrics (a INT)")
        try:
            query = one_select(connection, text, TABLES)
        except InputError:
            return
        assert [one.type for one in connection.extract_statements(query)] == [duckdb.StatementType.SELECT]
        inside = connection.extract_statements(f"SELECT * FROM (\n{query}\n) LIMIT 1")
        assert [one.type for one in inside] == [duckdb.StatementType.SELECT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT 1;", "SELECT 1"),
        ("SELECT 'é;' -- é ;\n; /* ; */", "SELECT 'é;' "),
        ("SELECT $$;$$ ;;", "SELECT $$;$$ "),
    ],
)
def test_ends_are_cut_by_tokens(text: str, expected: str) -> None:
    assert bare(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "-" * 3 + "1",
        "SELECT 1" + "+1" * 5000,
        "x" * 200_000,
        "\ud800",
    ],
)
def test_monsters_are_one_line(box: Sandbox, text: str) -> None:
    refused(box, text)


def test_unusual_types_are_shown_or_told(box: Sandbox) -> None:
    shown = box.select(
        "SELECT 1::HUGEINT AS big, 1.5::DECIMAL(9, 2) AS exact, uuid() AS id, INTERVAL 3 DAY AS time, "
        "MAP {'a': 1} AS m, {'a': [1, NULL]} AS s, 'ab'::BLOB AS b, '0001-01-01'::TIMESTAMP AS old, "
        "NULL AS nothing, 'x'::ENUM('x') AS e"
    ).frame
    assert shown["big"].dtype == np.int64
    (whole,) = box.select("SELECT unnest([1, NULL, 9007199254740993]) AS n").frame.to_dict("list").values()
    assert (whole[0], pd.isna(whole[1]), whole[2]) == (1, True, 9007199254740993)
    assert shown["exact"].dtype == np.float64
    assert shown["exact"][0] == 1.5
    assert shown["time"][0] == "3 days"
    spans = ["2 months 3 days 1.5 seconds", "-1 months", "1234567 days", "86399.123456 seconds", "0 seconds"]
    for span in [*spans, None]:
        asked = "NULL::INTERVAL" if span is None else f"INTERVAL '{span}'"
        (found,) = box.select(f"SELECT {asked} AS span, span::VARCHAR AS theirs").frame["span"]
        assert found == span or (span is None and pd.isna(found))
    refused(box, "SELECT union_value(k := 1)", "VARCHAR")
    refused(box, "SELECT 'infinity'::DATE", "VARCHAR")
    assert list(box.select("SELECT 1 AS a, 2 AS a").frame) == ["a", "a_1"]


def test_a_row_larger_than_an_answer_is_told_with_the_bound(artifacts: Path) -> None:
    with Sandbox(artifacts) as box:
        refused(box, "SELECT repeat('x', 100000000)", "one row is larger than the 64 MiB")
        assert len(box.select("SELECT repeat('x', 60000000) AS long").frame["long"].iloc[0]) == 60_000_000
