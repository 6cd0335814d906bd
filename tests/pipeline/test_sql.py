"""Asking the store: the command line, the views, the example queries."""

import csv
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipeline.queries import QUERIES
from pipeline.schema import TABLES
from pipeline.store import connect
from tests.project import Project
from tests.stored import Stored

COUNT = "SELECT run, count(*) AS n FROM examples GROUP BY run"


def asked(project: Project, *words: str) -> str:
    result = project.command("pipeline.sql", *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(project: Project, *words: str) -> str:
    """The one line that a wrong question is answered with."""
    result = project.command("pipeline.sql", *words)
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    return lines[0]


def test_every_stored_table_counts_alike_in_duckdb_and_pyarrow(stored: Stored) -> None:
    connection = connect()
    for name in TABLES:
        expected = stored.table(name).num_rows if stored.run.has(name) else 0
        assert connection.sql(f'SELECT count(*) FROM "{name}"').fetchall() == [(expected,)], name


def test_views_have_the_declared_columns_and_types(stored: Stored) -> None:
    connection = connect()
    for table in TABLES.values():
        described = connection.sql(f'DESCRIBE "{table.name}"').fetchall()
        assert [row[0] for row in described] == ["run", *(column.name for column in table.columns)]


def test_duckdb_and_pyarrow_agree_on_sums(stored: Stored) -> None:
    impacts = stored.table("impacts")
    late = impacts.filter(pc.equal(impacts["epoch"], 3))
    expected = pc.sum(late["impact"].cast("double")).as_py()
    ((found,),) = connect().sql("SELECT sum(impact::DOUBLE) FROM impacts WHERE epoch = 3").fetchall()
    assert found == pytest.approx(expected, abs=1e-9)


def test_words_and_offsets_point_into_the_text(stored: Stored) -> None:
    query = "SELECT count(*) FROM elements JOIN examples USING (run, example) WHERE text[start + 1 : stop] <> element"
    assert connect().sql(query).fetchall() == [(0,)]


def test_tables_in_every_format(built: Project) -> None:
    assert "tiny" in asked(built, COUNT)
    rows = list(csv.DictReader(io.StringIO(asked(built, "--format", "csv", COUNT))))
    assert rows == [{"run": "tiny", "n": "900"}]
    assert json.loads(asked(built, "--format", "json", COUNT)) == [{"run": "tiny", "n": 900}]


def test_output_files_are_whole_and_by_their_ending(built: Project, tmp_path: Path) -> None:
    for name in ("a.csv", "a.json", "a.parquet"):
        said = asked(built, "--output", str(tmp_path / name), COUNT)
        assert said == f"{tmp_path / name}: 1 row\n"
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"run": "tiny", "n": 900}]
    assert json.loads((tmp_path / "a.json").read_text()) == [{"run": "tiny", "n": 900}]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json", "a.parquet"]


def test_output_can_be_appended_to_a_file(built: Project, tmp_path: Path) -> None:
    command = f"{sys.executable} -m pipeline.sql --format csv 'SELECT 1 AS a' >> {tmp_path}/all.csv"
    for _ in range(2):
        subprocess.run(command, shell=True, check=True, cwd=built.folder)
    assert (tmp_path / "all.csv").read_text().split() == ["a", "1", "a", "1"]


def test_only_files_are_replaced(built: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(built, "--format", "csv", "--output", str(tmp_path / "pipe"), "SELECT 1")
    assert "not a file" in refused(built, "--format", "csv", "--output", str(tmp_path), "SELECT 1")
    assert "no folder" in refused(built, "--output", str(tmp_path / "nowhere" / "a.csv"), "SELECT 1")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_without_a_query_everything_is_listed_with_its_meaning(built: Project) -> None:
    listing = asked(built)
    for table in TABLES.values():
        assert f"{table.name}: one row per {table.rows}" in listing
        assert all(column.meaning in listing for column in table.columns)
    assert all(query.title in listing and query.of("tiny") in listing for query in QUERIES)


@pytest.mark.parametrize("number", range(1, len(QUERIES) + 1))
def test_example_queries_answer(built: Project, number: int) -> None:
    rows = json.loads(asked(built, "--example", str(number), "--format", "json"))
    # Two ask for what the tiny corpus hardly holds; they too must name their columns.
    assert rows or number in (4, 5)


def test_the_first_example_is_what_pyarrow_counts(stored: Stored) -> None:
    words = {(row["example"], row["position"]): row["element"].lower() for row in stored.rows("elements")}
    impacts = {}
    for row in stored.rows("impacts", epoch=3):
        if row["position"]:
            impacts.setdefault(words[row["example"], row["position"]], []).append(row["impact"])
    answer = connect().sql(QUERIES[0].of("tiny")).fetchall()
    for word, _, places, mean, _, _ in answer:
        assert places == len(impacts[word])
        assert mean == pytest.approx(sum(impacts[word]) / places, abs=1e-4)
    known = {row["element"].lower() for row in stored.rows("elements", known=True)}
    largest = max((abs(sum(v) / len(v)) for word, v in impacts.items() if len(v) >= 20 and word in known))
    assert abs(answer[0][3]) == pytest.approx(largest, abs=1e-4)


@pytest.mark.parametrize("run", ["sources", "undefined", "speakers"])
def test_the_third_example_finds_all_that_turn_and_no_others(of_kinds: Project, run: str) -> None:
    stored = Stored(run)
    last = max(row["epoch"] for row in stored.rows("impacts"))
    names = [row["class"] for row in stored.rows("classes")]
    said: dict[tuple[int, int], dict[str, float]] = {}
    for row in stored.rows("impacts", epoch=last):
        if row["logit"] is not None:
            told = said.setdefault((row["example"], row["position"]), {})
            told[row["class"]] = 1 / (1 + math.exp(-row["logit"]))
            if len(names) == 2:
                (other,) = {*names} - {row["class"]}
                told[other] = 1 - told[row["class"]]
    expected = {}
    for row in stored.rows("examples"):
        length = row["length"]
        if (row["example"], length) in said and 10 <= length == row["original_length"]:
            early = said[row["example"], length - max(1, length // 10)]
            final = said[row["example"], length]
            classes = max(early, key=lambda each: early[each]), max(final, key=lambda each: final[each])
            if classes[0] != classes[1]:
                expected[row["id"]] = (*classes, early[classes[0]] + final[classes[1]])
    answer = connect().sql(QUERIES[2].of(run)).fetchall()
    assert len(answer) == min(10, len(expected)), "all that turn, the surest ten"
    for key, _, _, before, sure_before, after, sure_after, _ in answer:
        assert (before, after) == expected[key][:2]
        assert sure_before + sure_after == pytest.approx(expected[key][2], abs=2e-3)
    surest = sorted((total for _, _, total in expected.values()), reverse=True)[: len(answer)]
    assert [row[4] + row[6] for row in answer] == pytest.approx(surest, abs=2e-3)


def test_vocabulary_counts_what_the_network_met_in_training(stored: Stored) -> None:
    expected: dict[int, dict[str, int]] = {}
    for row in stored.rows("training", split="train"):
        for token in row["tokens"]:
            expected.setdefault(token, {"neg": 0, "pos": 0})[row["label"]] += 1
    rows = stored.rows("vocabulary")
    assert [row["token"] for row in rows] == list(range(1, 502))
    assert rows[0]["word"] == "<unknown>"
    for row in rows:
        assert dict(row["counts"]) == expected.get(row["token"], {"neg": 0, "pos": 0})
        assert row["count"] == sum(dict(row["counts"]).values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SELEC 1"], "syntax error"),
        (["SELECT * FROM nowhere"], "nowhere does not exist"),
        (["SELECT colour FROM impacts"], "colour"),
        (["SELECT 1; SELECT 2"], "one statement at a time"),
        ([""], "nothing to ask"),
        (["SELECT wor FROM vocabulary"], 'Candidate bindings: "word"'),
        (["--example", "1", "SELECT 1"], "either a query of your own or an example"),
        (["--format", "csv"], "give a query"),
        (["--rows", "0", "SELECT 1"], "at least 1"),
        (["--example", "99"], "examples 1 to"),
        (["--run", "nobody", "--example", "1"], "run 'nobody' is not in artifacts; there are tiny"),
        (["--output", "answer.txt", "SELECT 1"], "choose --format"),
        (["--artifacts", "elsewhere", "SELECT 1"], "elsewhere: no runs here"),
    ],
)
def test_a_wrong_question_is_answered_in_one_line(built: Project, words: list[str], said: str) -> None:
    assert said in refused(built, *words)


def test_a_damaged_file_spoils_its_own_table_of_its_own_run_only(workshop: Project) -> None:
    path = workshop.results / "impacts.parquet"
    path.write_bytes(path.read_bytes()[:-200])
    for query in (
        "count(*) FROM impacts",
        "* FROM impacts WHERE run = 'tiny'",
        "x.epoch FROM impacts AS x JOIN examples USING (run)",
    ):
        line = refused(workshop, f"SELECT {query}")
        assert "artifacts/run=tiny/impacts.parquet" in line
    assert "900" in asked(workshop, "--format", "csv", COUNT)
    assert asked(workshop, "--format", "csv", "SELECT epoch FROM impacts WHERE run = 'other'").split() == ["epoch"]


def test_a_table_no_run_has_is_empty_with_the_right_columns(built: Project) -> None:
    text = asked(built, "--format", "csv", "SELECT * FROM attention")
    assert text.splitlines() == ["run,epoch,example,position,weight"]


def test_the_duckdb_command_line_reads_the_views(built: Project) -> None:
    duckdb = Path(sys.executable).parent / "duckdb"
    result = subprocess.run(
        [duckdb, "-init", "artifacts/views.sql", "-csv", "-c", COUNT],
        cwd=built.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["run,n", "tiny,900"]


def test_querying_never_imports_torch(built: Project) -> None:
    code = "import sys, pipeline.sql, pipeline.store; pipeline.store.connect(); sys.exit('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=built.folder, check=False)
    assert result.returncode == 0


def test_the_view_of_examples_says_which_are_mapped(stored: Stored) -> None:
    rows = connect().sql("SELECT example FROM examples WHERE mapped ORDER BY example").fetchall()
    assert [example for (example,) in rows] == stored.table("mapped")["example"].to_pylist()


def test_names_of_runs_stay_text(workshop: Project) -> None:
    (workshop.artifacts / "run=1").mkdir()
    path = workshop.artifacts / "run=1" / "metrics.parquet"
    path.write_bytes((workshop.results / "metrics.parquet").read_bytes())
    rows = json.loads(asked(workshop, "--format", "json", "SELECT DISTINCT run FROM metrics ORDER BY run"))
    assert rows == [{"run": "1"}, {"run": "tiny"}]
