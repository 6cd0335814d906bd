"""Corpus files, good ones and those with one mistake each."""

import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import Corpus
from pipeline.data import corpora
from pipeline.errors import InputError

ROWS = 100
GOOD = {
    "name": [f"r{number}" for number in range(ROWS)],
    "review": [f"text {number}" for number in range(ROWS)],
    "mood": ["good" if number % 4 == 0 else "bad" for number in range(ROWS)],  # 25 and 75
}
SPLIT = ["train"] * 60 + ["test"] * 40


def corpus(**changes):
    return Corpus(
        **{
            "file": "films.parquet",
            "id": "name",
            "text": "review",
            "label": "mood",
            "split": None,
            "classes": ["bad", "good"],
            "test": 0.2,
            "validation": 0.1,
            "seed": 0,
            "vocabulary": 10,
            "max_length": 10,
            **changes,
        }
    )


@pytest.fixture
def load(tmp_path):
    """Write a table to the corpus file and load it."""

    def write_and_load(columns, **changes):
        pq.write_table(pa.table(columns), tmp_path / "films.parquet")
        return corpora.load(corpus(**changes), tmp_path).table

    return write_and_load


def counts(table):
    keys = list(zip(table["split"].to_pylist(), table["label"].to_pylist(), strict=True))
    return {key: keys.count(key) for key in sorted(set(keys))}


def where(table):
    return dict(zip(table["id"].to_pylist(), table["split"].to_pylist(), strict=True))


def test_a_corpus_keeps_its_rows_in_the_order_of_the_file_under_our_names(load):
    table = load(GOOD)
    assert table.column_names == ["example", "split", "id", "label", "text", "attributes"]
    assert table["example"].to_pylist() == list(range(ROWS))
    assert [table[name].to_pylist() for name in ("id", "text", "label")] == list(GOOD.values())


def test_drawn_splits_are_stratified(load):
    # a fifth for testing: 5 of 25 and 15 of 75; then a tenth of the 20 and 60 left
    assert counts(load(GOOD)) == {
        ("test", "bad"): 15,
        ("test", "good"): 5,
        ("train", "bad"): 54,
        ("train", "good"): 18,
        ("validation", "bad"): 6,
        ("validation", "good"): 2,
    }


def test_drawn_splits_are_stable_when_the_rows_are_shuffled(load):
    order = random.Random(0).sample(range(ROWS), ROWS)
    assert where(load({name: [column[row] for row in order] for name, column in GOOD.items()})) == where(load(GOOD))


def test_another_seed_draws_another_split(load):
    assert where(load(GOOD, seed=1)) != where(load(GOOD))


def test_validation_is_held_out_of_train_and_the_test_split_of_the_file_stays(load):
    table = load({**GOOD, "part": SPLIT}, split="part", test=None)
    found = np.array(table["split"].to_pylist())
    assert (found[60:] == "test").all()
    assert "test" not in found[:60]
    # of the 15 and 45 rows in train
    assert counts(table)["validation", "good"] == 2
    assert counts(table)["validation", "bad"] == 4


def test_a_file_with_all_three_splits_is_left_as_it_is(load):
    split = ["train"] * 40 + ["validation"] * 20 + ["test"] * 40
    assert load({**GOOD, "part": split}, split="part", test=None)["split"].to_pylist() == split


def test_without_an_id_column_the_row_number_is_the_id(load):
    assert load(GOOD, id=None)["id"].to_pylist() == [str(number) for number in range(ROWS)]


def test_labels_that_are_numbers_are_read_as_text(load):
    table = load({**GOOD, "mood": [number % 2 for number in range(ROWS)]}, classes=["0", "1"])
    assert table["label"].to_pylist() == [str(number % 2) for number in range(ROWS)]


FIRST = r"\(the first is row 1\)"


def changed(column, row, value):
    return {**GOOD, column: [*GOOD[column][:row], value, *GOOD[column][row + 1 :]]}


@pytest.mark.parametrize(
    ("columns", "changes", "told"),
    [
        (
            changed("review", 7, None),
            {},
            rf"row 8 {FIRST}, column 'review': no value \(null\); fill it in or leave the",
        ),
        (changed("mood", 3, None), {}, rf"row 4 {FIRST}, column 'mood': no value \(null\)"),
        (
            changed("mood", 9, "meh"),
            {},
            rf"row 10 {FIRST}, column 'mood': 'meh' is not one of corpus.classes \(bad, good\)",
        ),
        (changed("name", 8, "r2"), {}, rf"row 9 {FIRST}, column 'name': the id 'r2' occurs twice; ids must differ"),
        (GOOD, {"text": "body"}, r"no column 'body' \(corpus.text\); there are name, review, mood"),
        (GOOD, {"split": "part"}, r"no column 'part' \(corpus.split\)"),
        (
            {**GOOD, "part": ["dev", *SPLIT[1:]]},
            {"split": "part"},
            rf"row 1 {FIRST}, column 'part': 'dev' is not one of the known splits \(train, validation, test\)",
        ),
        ({name: column[:0] for name, column in GOOD.items()}, {}, "no rows; a corpus needs examples"),
        (GOOD, {"classes": ["bad", "good", "great"]}, "the train split has no example of class 'great'; add some"),
        (
            {**GOOD, "part": SPLIT, "mood": ["good", *["bad"] * 58, *["good"] * 41]},
            {"split": "part", "classes": ["good", "bad"]},
            "the test split has no example of class 'bad'; add some",
        ),
        (
            {name: column[1:5] for name, column in GOOD.items()},
            {},
            rf"row 4 {FIRST}, column 'mood': the only example of class 'good'; add some to learn it from",
        ),
        (
            {name: column[1:5] for name, column in GOOD.items()},
            {"classes": None},
            rf"row 4 {FIRST}, column 'mood': the only example of class 'good'; add some to learn it from",
        ),
        (
            {name: column[4:9] for name, column in GOOD.items()},
            {"classes": None},
            "column 'mood': the train split has no example of class 'good'; add some",
        ),
        (
            {**GOOD, "mood": ["bad"] * ROWS},
            {"classes": None},
            r"column 'mood' \(corpus.label\) holds the one label 'bad'; a corpus needs two classes or more",
        ),
        (
            {**GOOD, "mood": [float("nan"), *range(1, ROWS)]},
            {"classes": None},
            rf"row 1 {FIRST}, column 'mood': no value \(null\)",
        ),
    ],
)
def test_a_mistake_in_a_corpus_is_told_with_file_place_and_what_to_do(load, tmp_path, columns, changes, told):
    with pytest.raises(InputError, match=f"^{tmp_path}/films.parquet: .*{told}"):
        load(columns, **changes)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"films.parquet: no such file; set corpus.file to a file: CSV "):
        corpora.load(corpus(), tmp_path)


@pytest.mark.parametrize("kept", [0, 3, 0.5, -1])
def test_a_truncated_file_is_told(load, tmp_path, kept):
    load(GOOD)
    path = tmp_path / "films.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(InputError, match=r"films.parquet: not a whole Parquet file \(.*\); get it again"):
        corpora.load(corpus(), tmp_path)


def test_a_file_of_another_kind_is_told(tmp_path):
    (tmp_path / "films.parquet").write_text("name,review,mood\nr1,fine,good\n")
    with pytest.raises(InputError, match="not a whole Parquet file"):
        corpora.load(corpus(), tmp_path)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1.0, 2.0]] * ROWS),
        pa.array([{"a": 1}] * ROWS),
        pa.array([b"\xff\xfe"] * ROWS),
    ],
    ids=["lists", "structs", "bytes that are no text"],
)
def test_a_column_that_is_no_text_is_told(load, column):
    with pytest.raises(InputError, match=r"films\.parquet: .*text"):
        load({**GOOD, "review": column})


def test_strings_that_are_no_utf8_are_told(load):
    letters = pa.array(["x"] * ROWS)
    broken = pa.Array.from_buffers(pa.string(), ROWS, [None, letters.buffers()[1], pa.py_buffer(b"\xff" * ROWS)])
    with pytest.raises(InputError, match=r"films\.parquet: .*text"):
        load({**GOOD, "review": broken})


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / "films.parquet").mkdir()
    with pytest.raises(InputError, match=r"(?i)films\.parquet: .*(not a|folder|directory)"):
        corpora.load(corpus(), tmp_path)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["pos", "neg"], ["neg", "pos"]),
        (["10", "9", "1"], ["1", "9", "10"]),
        ([3, 1, 2], ["1", "2", "3"]),
        ([True, False], ["false", "true"]),
        (["b", "-1.5", "nan", "A", "2"], ["-1.5", "2", "A", "b", "nan"]),
    ],
)
def test_classes_that_are_not_named_are_those_found_in_order_of_number_then_letter(tmp_path, labels, found):
    path = tmp_path / "films.parquet"
    pq.write_table(pa.table({"review": ["text"] * 3 * len(labels), "mood": labels * 3}), path)
    assert corpora.load(corpus(id=None, classes=None), tmp_path).classes == found


def test_classes_that_are_named_keep_their_order(load, tmp_path):
    load(GOOD)
    assert corpora.load(corpus(classes=["good", "bad"]), tmp_path).classes == ["good", "bad"]


@st.composite
def labelled(draw):
    """Labels of two to five classes with five to forty examples each, mixed."""
    counts = draw(st.lists(st.integers(5, 40), min_size=2, max_size=5))
    return draw(st.permutations([f"class {number}" for number, count in enumerate(counts) for _ in range(count)]))


@given(labelled(), st.floats(0.05, 0.5), st.floats(0.05, 0.5), st.integers(0, 5))
def test_drawn_splits_hold_their_share_of_every_class(tmp_path_factory, labels, test, validation, seed):
    """Of n examples, round(n * test) are tested on and round(rest * validation) validated on, one at least of each."""
    path = tmp_path_factory.mktemp("corpus") / "films.parquet"
    pq.write_table(pa.table({"review": [f"{row}" for row in range(len(labels))], "mood": labels}), path)
    settings = corpus(file=str(path), id=None, classes=None, test=test, validation=validation, seed=seed)
    loaded = corpora.load(settings)
    found = counts(loaded.table)
    for label in set(labels):
        tested = max(1, round(labels.count(label) * test))
        validated = max(1, round((labels.count(label) - tested) * validation))
        assert found["test", label] == tested
        assert found["validation", label] == validated
        assert found["train", label] == labels.count(label) - tested - validated
    assert corpora.load(settings).table.equals(loaded.table)
