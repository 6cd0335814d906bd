"""A table of the user's from the command line to impacts; and every mistake in one, told before anything is trained."""

import csv
import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.project import ROOT, Project, copied

SMALL = (
    "corpus.vocabulary=200", "corpus.max_length=9", "model.embedding=4", "model.hidden=4", "model.dense=4",
    "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=24", "maps.graph_neighbors=4", "maps.listed_neighbors=4",
)  # fmt: skip
TABLE = ("corpus=table", "corpus.text=review", "corpus.label=stars")
FUNCTION = """
import pyarrow as pa

def make(length, classes=3):
    rows = range(60)
    paths = [[[row % classes + step, row / 10] for step in range(length)] for row in rows]
    return pa.table({"path": paths, "kind": [f"kind {row % classes}" for row in rows]})
"""
OWN = """
from pipeline.models.networks import LSTMClassifier

class Own(LSTMClassifier):
    def __init__(self, **more):
        super().__init__(dropout=0.5, **more)

class FalseClaim(LSTMClassifier):
    def __init__(self, outputs, embedding, hidden, dense):
        super().__init__(None, outputs, embedding, hidden, dense, 0.5, channels=2)

    def prefix_logits(self, inputs, lengths):
        return super().prefix_logits(inputs, lengths).flip(1)

class OneOutput(Own):
    def __init__(self, outputs, **more):
        super().__init__(outputs=1, **more)
"""
LETTERS = """
import torch
from torch import nn

class Letters(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.embedding = nn.Embedding(6, 3, padding_idx=0)  # a, c, g, t, padding and unknown
        self.output = nn.Linear(3, outputs)

    def forward(self, inputs, lengths):
        return self.output(self.embedding(inputs).sum(dim=1))
"""
LETTERS_CONFIG = """
# @package _global_
model: {network: letters.Letters}
maps:
  layers: {embedding: mean}
"""
NAMED = """
# Mine.
defaults: [table, _self_]
file: reviews.jsonl
text: review
label: stars
split: part
classes: [5, 1]
"""


def reviews() -> list[dict[str, object]]:
    """120 short sentences, one of each mood in turn."""
    rows = pq.read_table(ROOT / "artifacts/corpora/sentences.parquet").to_pylist()
    pairs = zip(*([row for row in rows if row["label"] == label][:60] for label in ("neg", "pos")), strict=True)
    parts = ["train", "test", "train", "validation"]
    return [
        {"review": row["text"], "stars": 5 if row["label"] == "pos" else 1, "part": parts[number % 4]}
        for number, pair in enumerate(pairs)
        for row in pair
    ]


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with tables and a function beside it."""
    project = copied(tmp_path_factory.mktemp("own"))
    write_csv(project.folder / "reviews.csv", reviews())
    (project.folder / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in reviews()))
    (project.folder / "my_module.py").write_text(FUNCTION)
    (project.folder / "conf/corpus/mine.yaml").write_text(NAMED)
    return project


def answer(project: Project, run: str, query: str) -> list[dict[str, object]]:
    asked = project.command("pipeline.sql", "--format", "json", query.replace("RUN", f"run = '{run}'"))
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)  # type: ignore[no-any-return]


def built(project: Project, *words: str) -> str:
    result = project.command("pipeline", *SMALL, *words)
    assert result.returncode == 0, result.stderr
    return result.stderr


def test_a_csv_file_becomes_a_run_by_naming_its_columns(shop: Project) -> None:
    said = built(shop, *TABLE, f"corpus.file={shop.folder / 'reviews.csv'}", "name=csv")
    assert "classes: 1 and, as the positive one, 5; corpus.classes gives them another order" in said
    assert answer(shop, "csv", "SELECT class, is_output FROM classes WHERE RUN ORDER BY ordinal") == [
        {"class": "1", "is_output": False},
        {"class": "5", "is_output": True},
    ]
    (row,) = answer(shop, "csv", "SELECT text, label, attributes['part'] AS part FROM examples WHERE RUN LIMIT 1")
    assert {"review": row["text"], "stars": int(row["label"]), "part": row["part"]} in reviews()  # type: ignore[call-overload]
    (row,) = answer(shop, "csv", "SELECT count(*) AS n, count(DISTINCT class) AS classes FROM impacts WHERE RUN")
    (expected,) = answer(shop, "csv", "SELECT 2 * sum(length + 1) AS n FROM examples WHERE RUN")
    assert row == {"n": int(expected["n"]), "classes": 1}  # type: ignore[call-overload]


def test_a_config_of_ones_own_names_a_table(shop: Project) -> None:
    said = built(shop, "corpus=mine", "name=mine")
    assert "positive" not in said  # the config named them
    assert answer(shop, "mine", "SELECT class FROM classes WHERE RUN AND is_output") == [{"class": "1"}]
    (row,) = answer(shop, "mine", "SELECT count(*) AS n FROM examples WHERE RUN")
    assert row["n"] == sum(one["part"] == "test" for one in reviews())


def test_a_function_makes_a_corpus_of_numbers(shop: Project) -> None:
    function = ("corpus=table", "corpus.function=my_module.make", "corpus.steps=path", "corpus.label=kind")
    function += ("+corpus.arguments.length=5", "corpus.test=0.5", "name=made", "maps.examples=9")
    (shop.folder / "own_network.py").write_text(OWN)
    wrong = shop.command("pipeline", *SMALL, *function, "model.network=own_network.OneOutput", "~model.dropout")
    assert wrong.stderr.splitlines()[1:] == [
        "error: config: model.network must answer (batch, 3) logits for 3 classes, not shape (3, 1)"
    ]
    wrong = shop.command("pipeline", *SMALL, *function, "model.network=own_network.FalseClaim", "~model.dropout")
    assert "error: config: model.network: the network claims to be causal but" in wrong.stderr
    assert not (shop.artifacts / "run=made" / "metrics.parquet").exists()
    said = built(shop, *function)
    assert "3 classes: kind 0, kind 1, kind 2" in said
    assert answer(shop, "made", "SELECT DISTINCT length FROM examples WHERE RUN") == [{"length": 5}]
    assert len(answer(shop, "made", "SELECT DISTINCT class FROM impacts WHERE RUN")) == 3


def test_a_network_that_knows_its_own_vocabulary_is_tried_on_that_of_the_corpus(shop: Project) -> None:
    (shop.folder / "letters.py").write_text(LETTERS)
    (shop.folder / "conf/model/letters.yaml").write_text(LETTERS_CONFIG)
    rows = [
        {"review": " ".join("acgt"[row // place % 4] for place in (1, 4, 16)), "stars": row % 2} for row in range(64)
    ]
    write_csv(shop.folder / "letters.csv", rows)
    write_csv(shop.folder / "more.csv", [{"review": f"n {row['review']}", "stars": row["stars"]} for row in rows])
    words = [word for word in SMALL if not word.startswith("model.")] + [*TABLE, "model=letters", "maps.examples=9"]
    result = shop.command("pipeline", *words, "name=letters", "corpus.file=letters.csv")
    assert result.returncode == 0, result.stderr
    known = answer(shop, "letters", "SELECT word FROM vocabulary WHERE RUN ORDER BY word")
    assert [row["word"] for row in known][-4:] == list("acgt")
    assert len(known) == 5  # and the unknown word
    wrong = shop.command("pipeline", *words, "name=more", "corpus.file=more.csv")
    assert wrong.returncode == 2
    assert "error: config: model.network fails on three sequences: IndexError: index out of range in" in wrong.stderr
    assert not (shop.artifacts / "run=more" / "metrics.parquet").exists()


def test_a_table_or_module_that_changed_under_its_name_is_noticed(shop: Project) -> None:
    words = ("corpus=table", "corpus.file=other.csv", "corpus.text=review", "corpus.label=stars", "name=noticed")
    network = ("model.network=own_network.Own", "~model.dropout")
    own = shop.folder / "own_network.py"
    own.write_text(OWN)
    write_csv(shop.folder / "other.csv", reviews())
    built(shop, *words, *network)
    record = json.loads((shop.artifacts / "run=noticed" / "inputs.json").read_text())
    files = ("other.csv", "own_network.py")
    assert record == {name: hashlib.sha256((shop.folder / name).read_bytes()).hexdigest() for name in files}
    built(shop, *words, *network)  # left alone
    for name in files:
        before = (shop.folder / name).read_bytes()
        (shop.folder / name).write_bytes(before + b"\n")
        result = shop.command("pipeline", *SMALL, *words, *network)
        assert result.returncode == 2, result.stderr
        assert f"run=noticed: a finished run, but {name} has changed since; choose another name" in result.stderr
        (shop.folder / name).write_bytes(before)


def refused(project: Project, *words: str) -> str:
    """The one line with which a run is refused; nothing of it stays."""
    result = project.command("pipeline", *SMALL, "name=bad", *words)
    assert result.returncode == 2, result.stdout + result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert not (project.artifacts / "run=bad").exists()
    assert not (project.artifacts / "resume" / "bad").exists()
    assert ": train" not in result.stdout
    return result.stderr


def spoiled(change: dict[str, object]) -> list[dict[str, object]]:
    """The reviews with other cells in the tenth."""
    rows = reviews()
    rows[9] |= change
    return rows


ROW = "reviews.csv: row 11 (the header is row 1), column "


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        ({"review": None}, (), f"{ROW}'review': no value (null); fill it in or leave the row out"),
        ({"stars": None}, (), f"{ROW}'stars': no value (null)"),
        ({"stars": 3}, (), f"{ROW}'stars': the only example of class '3'"),
        ({"stars": 3}, ("corpus.classes=[1,5]",), f"{ROW}'stars': '3' is not one of corpus.classes (1, 5)"),
        ({"part": "dev"}, ("corpus.split=part",), f"{ROW}'part': 'dev' is not one of the known splits (train, "),
        ({}, ("corpus.text=body",), "no column 'body' (corpus.text); there are review, stars, part"),
        ({}, ("corpus.id=part",), "column 'part': the id 'train' occurs twice"),
        ({}, ("corpus.text=null", "corpus.steps=review"), "column 'review': not JSON; it must hold a list of steps"),
        (
            {},
            ("maps.examples=100", "corpus.classes=[1,5]"),
            "its test split has distinct unseen examples for 24, equally many of each class",
        ),
        ({}, ("+corpus.arguments.n=1",), "corpus.arguments: only a function takes some"),
    ],
)
def test_a_mistake_in_a_table_is_one_line_before_anything_is_trained(
    shop: Project, tmp_path: Path, change: dict[str, object], words: tuple[str, ...], said: str
) -> None:
    write_csv(tmp_path / "reviews.csv", spoiled(change))
    assert said in refused(shop, *TABLE, f"corpus.file={tmp_path}/reviews.csv", *words)


def test_a_table_that_names_no_file_is_one_line(shop: Project) -> None:
    assert "corpus.file: name a file, or a function in corpus.function" in refused(shop, *TABLE)
    said = refused(shop, *TABLE, "corpus.function=my_module.make", "corpus.arguments={length: 3}")
    assert "name each with a plus on the command line: +corpus.arguments.n=3" in said
