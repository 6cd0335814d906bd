"""One corpus in every form a table may have; functions; and what is neither."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.config import Corpus
from pipeline.data import corpora, tables
from pipeline.errors import InputError

# An empty cell of CSV holds nothing, and a carriage return ends its line: neither can be written there.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=12)
vectors = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3)


def settings(path, **changes):
    given = {
        "file": str(path), "id": None, "text": "review", "label": "mood", "split": None, "classes": None, "test": 0.3,
        "validation": 0.3, "seed": 0, "vocabulary": 9, "max_length": 9, **changes,
    }  # fmt: skip
    return Corpus(**given)


def write_csv(path, columns):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow([json.dumps(cell) if isinstance(cell, list) else cell for cell in row])


def write_json_lines(path, columns):
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_parquet(path, columns):
    pq.write_table(pa.table(columns), path)


WRITERS = {"csv": write_csv, "tsv": lambda path, columns: write_csv(path, columns), "jsonl": write_json_lines}


def forms(folder, columns, **changes):
    """The same columns as a corpus from every kind of file."""
    write_parquet(folder / "films.parquet", columns)
    yield corpora.load(settings(folder / "films.parquet", **changes))
    for ending, write in WRITERS.items():
        write(folder / f"films.{ending}", columns)
        yield corpora.load(settings(folder / f"films.{ending}", **changes))


@given(st.lists(words, min_size=12, max_size=20), st.data())
def test_texts_are_the_same_corpus_in_every_form(tmp_path_factory, texts, data):
    labels = data.draw(st.sampled_from([["5", "10", "1"], ["good", "bad", "ümlaut, and comma"], [3, 20, 100]]))
    columns = {
        "review": texts,
        "mood": [labels[row % 3] for row in range(len(texts))],
        "year": data.draw(st.lists(st.integers(0, 9999), min_size=len(texts), max_size=len(texts))),
    }
    first, *others = forms(tmp_path_factory.mktemp("forms"), columns)
    assert first.table["text"].to_pylist() == texts
    assert [dict(row)["year"] for row in first.table["attributes"].to_pylist()] == [str(y) for y in columns["year"]]
    for other in others:
        assert other.table.equals(first.table)
        assert other.classes == first.classes


@given(st.lists(st.lists(vectors, max_size=4), min_size=9, max_size=12))
def test_sequences_of_numbers_are_the_same_corpus_in_every_form(tmp_path_factory, sequences):
    assume(any(sequences))
    columns = {"path": sequences, "mood": ["abc"[row % 3] for row in range(len(sequences))]}
    first, *others = forms(tmp_path_factory.mktemp("forms"), columns, text=None, steps="path")
    assert first.table["steps"].to_pylist() == sequences  # they are float32 already
    for other in others:
        assert other.table.equals(first.table)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("films.xlsx", "of no known kind; save it as CSV (.csv, .tsv), JSON Lines (.jsonl, .ndjson) or Parquet"),
        ("films", "of no known kind"),
        ("nowhere.csv", "no such file; set corpus.file to a file: CSV"),
        ("nowhere.jsonl", "no such file"),
        ("folder.csv", "a folder; set corpus.file to a file"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, name, said):
    (tmp_path / "films.xlsx").write_bytes(b"PK")
    (tmp_path / "films").write_bytes(b"")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError) as refusal:
        tables.read(tmp_path / name)
    assert str(refusal.value).startswith(f"{tmp_path / name}: {said}")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_mistake_is_told_by_the_row_and_column_of_its_own_form(tmp_path, ending):
    path = tmp_path / f"films.{ending}"
    columns = {"review": ["fine", "dull", None, "so", "la"], "mood": ["a", "b", "a", "b", "a"]}
    {**WRITERS, "parquet": write_parquet}[ending](path, columns)
    places = {"csv": "row 4 (the header is row 1)", "jsonl": "line 3", "parquet": "row 3 (the first is row 1)"}
    with pytest.raises(InputError) as refusal:
        corpora.load(settings(path))
    said = f"{path}: {places[ending]}, column 'review': no value (null); fill it in or leave the row out"
    assert str(refusal.value) == said


def made(count, word="film"):
    """What a user's function may look like."""
    labels = ["bad" if row % 2 else "good" for row in range(count)]
    return pa.table({"review": [f"{word} {row}" for row in range(count)], "mood": labels})


def rows_in_a_list():
    return [{"review": "fine"}]


NOT_A_FUNCTION = 3


def called(name, **arguments):
    return corpora.load(settings(None, file=None, function=f"{__name__}.{name}", arguments=arguments))


def test_a_function_makes_a_corpus_from_its_arguments():
    loaded = called("made", count=12, word="book")
    assert loaded.table["text"].to_pylist() == [f"book {row}" for row in range(12)]
    assert loaded.classes == ["bad", "good"]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("made", {}, "config: corpus.arguments do not fit .*made: missing a required argument: 'count'"),
        ("made", {"count": 9, "wings": 2}, "config: corpus.arguments .* unexpected keyword argument 'wings'"),
        ("made", {"count": 0}, r".*made\(\): no rows"),
        ("made", {"count": 3}, r".*made\(\): row 2 \(the first is row 1\), column 'mood': the only example"),
        ("rows_in_a_list", {}, "config: corpus.function=.* returned list, not a pyarrow.Table"),
        ("NOT_A_FUNCTION", {}, "config: corpus.function=.*NOT_A_FUNCTION' is not a function"),
        ("nowhere", {}, "config: corpus.function=.* has no nowhere"),
    ],
)
def test_what_a_function_cannot_make_is_told(name, arguments, said):
    with pytest.raises(InputError, match=f"^{said}"):
        called(name, **arguments)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import math\n\nx = math.tau2\n", " cannot be imported: AttributeError: module 'math' has no"),
        ("import math\n\nx = maths.tau\n", " cannot be imported: NameError: name 'maths' is not defined"),
        ("import math\n\ndef make(:\n", " cannot be imported: SyntaxError: invalid syntax"),
        ("def make():\n\n    return {}['part']\n", " fails: KeyError: 'part'"),
    ],
)
def test_a_mistake_in_a_person_s_module_is_told_by_its_line(theirs, content, said):
    file = theirs(content)
    with pytest.raises(InputError) as refusal:
        tables.call("their_module.make", {})
    assert str(refusal.value).startswith(f"config: corpus.function='their_module.make'{said}")
    assert str(refusal.value).endswith(f" ({file}, line 3)")


def test_a_function_that_does_not_tell_its_arguments_is_told():
    with pytest.raises(InputError, match=r"config: corpus.arguments do not fit builtins.iter: no signature found"):
        tables.call("builtins.iter", {})


def test_a_module_that_is_not_there_is_told():
    with pytest.raises(InputError, match=r"corpus.function='no_such.make' cannot be imported: No module named"):
        tables.call("no_such.make", {})
