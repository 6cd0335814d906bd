"""What the first stages write, on a corpus made for it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import config
from pipeline.errors import InputError
from pipeline.stages import examples as stage
from pipeline.store import Run
from tests.project import Project, copied
from tests.stored import Stored

OWN = """# @package _global_
defaults:
  - override /corpus: sentences
corpus: {file: artifacts/corpora/own.parquet, vocabulary: 30, max_length: 4, split: split}
model: {embedding: 4, hidden: 4, dense: 4}
trainer: {epochs: 1}
impacts: {epochs: [0, 1], checked: 4}
maps: {examples: 12, graph_neighbors: 3, listed_neighbors: 3}
"""


def corpus() -> list[dict[str, object]]:
    """Ten training texts and sixteen test texts a class, and odd ones at the end."""
    rows = []
    for label, word in (("neg", "bad"), ("pos", "good")):
        for number in range(26):
            split = "train" if number < 10 else "test"
            rows.append({"split": split, "label": label, "text": f"a {word} film{number % 7} number {number} indeed"})
    odd = [
        ("test", "pos", "... !!! --"),
        ("test", "neg", "Zyx<br />wvu"),
        ("test", "pos", rows[26]["text"]),
        ("train", "neg", ""),
        ("test", "neg", "<script>alert(1)</script> 🎬 don’t"),
    ]
    rows += [{"split": split, "label": label, "text": text} for split, label, text in odd]
    return [{"id": f"own/{number}", "stars": number % 9, **row} for number, row in enumerate(rows)]


def without_words(path: Path) -> None:
    """All negative texts to train or validate on become dots."""
    rows = pq.read_table(path).to_pylist()
    odd = [{**row, "text": "..."} if (row["split"], row["label"]) == ("train", "neg") else row for row in rows]
    pq.write_table(pa.Table.from_pylist(odd), path)


@pytest.fixture(scope="module")
def own(built: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A copy with a run on that corpus; and what was said while it was built."""
    project = copied(tmp_path_factory.mktemp("own"))
    pq.write_table(pa.Table.from_pylist(corpus()), project.folder / "artifacts/corpora/own.parquet")
    (project.folder / "conf/run/own.yaml").write_text(OWN)
    said = ""
    for name in ("compose", "examples", "train", "impacts", "maps"):
        result = project.stage(name, "own")
        assert result.returncode == 0, result.stderr
        said += result.stderr
    return project, said


@pytest.fixture
def rows(own: tuple[Project, str], monkeypatch: pytest.MonkeyPatch) -> Stored:
    monkeypatch.chdir(own[0].folder)
    return Stored("own")


def test_texts_without_a_word_are_left_out_with_one_warning_naming_their_rows(
    own: tuple[Project, str], rows: Stored
) -> None:
    warnings = [line for line in own[1].splitlines() if line.startswith("warning")]
    said = "2 examples without a word are left out: row 53, 56 (the first is row 1)"
    assert warnings == [f"warning: artifacts/corpora/own.parquet: {said}"]
    assert not {52, 55} & set(rows.table("examples")["example"].to_pylist())
    assert 55 not in rows.table("training")["example"].to_pylist()


def test_a_text_of_unknown_words_only_is_explained_like_any_other(rows: Stored) -> None:
    elements = rows.rows("elements", example=53)
    assert [(row["element"], row["start"], row["stop"]) for row in elements] == [("Zyx", 0, 3), ("wvu", 9, 12)]
    assert not any(row["known"] for row in elements)
    assert {row["token"] for row in elements} == {1}
    assert [row["position"] for row in rows.rows("impacts", epoch=1, example=53)] == [0, 1, 2]


def test_markup_and_emoji_are_words_and_text_like_any_other(rows: Stored) -> None:
    assert [row["element"] for row in rows.rows("elements", example=56)] == ["script", "alert", "1", "script"]
    (example,) = rows.rows("examples", example=56)
    assert example["text"] == "<script>alert(1)</script> 🎬 don’t"
    assert (example["length"], example["original_length"]) == (4, 6)


def test_what_was_cut_is_recorded(rows: Stored) -> None:
    (example,) = rows.rows("examples", example=10)
    assert example["text"] == "a bad film3 number 10 indeed"
    assert (example["length"], example["original_length"]) == (4, 6)
    assert [row["element"] for row in rows.rows("elements", example=10)] == ["a", "bad", "film3", "number"]


def test_texts_met_in_training_are_marked_and_never_mapped(rows: Stored) -> None:
    (repeated,) = rows.rows("examples", example=54)
    assert repeated["seen"]
    assert repeated not in rows.mapped
    assert [row["label"] for row in rows.mapped].count("pos") == 6
    assert len(rows.mapped) == 12


def test_all_examples_are_mapped_where_all_are_asked_for(
    own: tuple[Project, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own[0].folder)
    composed = config.read(Run("own").config)
    run = Run("own", tmp_path)
    for examples in ("all", 24):
        wanted = composed.model_copy(update={"maps": composed.maps.model_copy(update={"examples": examples})})
        stage.write(run, wanted)
        there, mapped = (run.read(table)["example"].to_pylist() for table in ("examples", "mapped"))
        assert len(mapped) == (len(there) if examples == "all" else 24)
    crowd = composed.maps.model_copy(update={"examples": "all", "listed_neighbors": len(there)})
    with pytest.raises(InputError, match=f"maps.listed_neighbors: must be less than half of the {len(there)} examples"):
        stage.write(run, composed.model_copy(update={"maps": crowd}))


def test_other_columns_of_the_corpus_are_kept_as_attributes(rows: Stored) -> None:
    (example,) = rows.rows("examples", example=12)
    assert dict(example["attributes"]) == {"stars": "3"}


def test_the_vocabulary_counts_only_words_within_the_cut_of_training_texts(rows: Stored) -> None:
    counts = {row["word"]: dict(row["counts"]) for row in rows.rows("vocabulary")}
    train = [row["example"] for row in rows.rows("training", split="train")]
    labels = [corpus()[example]["label"] for example in train]
    assert counts["bad"] == {"neg": labels.count("neg"), "pos": 0}
    assert counts["a"] == {"neg": labels.count("neg"), "pos": labels.count("pos")}
    assert "indeed" not in counts


def test_a_share_of_train_is_held_out_for_validation(rows: Stored) -> None:
    validation = rows.rows("training", split="validation")
    assert sorted(row["label"] for row in validation) == ["neg", "pos"]


def test_the_config_is_in_the_store_key_by_key(rows: Stored) -> None:
    values = {row["key"]: row["value"] for row in rows.rows("config")}
    assert values["corpus.max_length"] == "4"
    assert values["impacts.epochs"] == "[0, 1]"
    assert values["corpus.test"] == "0.3"
    assert list(values) == sorted(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.unlink(), "own.parquet: no such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "own.parquet: not a whole Parquet file"),
        (lambda path: pq.write_table(pq.read_table(path).slice(0, 0), path), "own.parquet: no rows"),
        (lambda path: pq.write_table(pq.read_table(path).drop_columns("label"), path), "no column 'label'"),
        (without_words, "the train split has no example of class 'neg' with a word in it"),
    ],
)
def test_a_bad_corpus_is_one_line_and_harms_nothing(own: tuple[Project, str], tmp_path: Path, change, said) -> None:  # type: ignore[no-untyped-def]
    project = own[0]
    path = project.artifacts / "corpora" / "own.parquet"
    content = path.read_bytes()
    before = {file: file.read_bytes() for file in (project.artifacts / "run=own").rglob("*") if file.is_file()}
    try:
        change(path)
        result = project.stage("examples", "own")
    finally:
        path.write_bytes(content)
    assert result.returncode == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize("stage", ["examples", "train", "impacts", "maps", "faithfulness"])
def test_an_unknown_run_is_one_line(built: Project, stage: str) -> None:
    result = built.stage(stage, "nobody")
    assert result.returncode == 2
    assert "artifacts/run=nobody/config.yaml: no such file; compose the run first" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_compose_names_the_runs_there_are(built: Project) -> None:
    result = built.stage("compose", "nobody")
    assert result.returncode == 2
    assert (
        "there is no conf/run/nobody.yaml; there are no_hidden, paper, ratings, sentences, tiny, vowels"
        in result.stderr
    )


@pytest.mark.parametrize("stage", ["compose", "examples", "train", "impacts", "maps", "faithfulness"])
def test_every_stage_has_help(built: Project, stage: str) -> None:
    result = built.command(f"pipeline.stages.{stage}", "--help")
    assert result.returncode == 0
    assert "run" in result.stdout


def test_of_many_classes_the_first_are_named() -> None:
    assert stage.told(["a", "b", "c"]) == "3 classes: a, b, c"
    many = [f"class {number}" for number in range(200)]
    assert stage.told(many) == f"200 classes: {', '.join(many[:20])} and 180 more"
