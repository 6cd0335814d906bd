"""Conditions: read, written and found, against the plain rows of the tiny run; what is typed is never run."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.data.words import normal, spans
from pipeline.errors import InputError
from pipeline.store import Run
from tests.stored import Stored
from viewer.data import conditions
from viewer.data.conditions import Condition, Term, find, parse, select
from viewer.data.facts import Facts
from viewer.data.reviews import attributes, columns, reviews
from viewer.data.selections import Selection
from viewer.data.source import Source

EPOCHS = st.integers(0, 10**9 - 1)
NUMBERS = EPOCHS | st.floats(-1e9, 1e9, exclude_min=True, exclude_max=True)
CLASSES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
WORDS = st.text(min_size=1).filter(lambda word: spans(normal(word)) == [(0, len(normal(word)))])
TERMS = st.one_of(
    st.builds(Term, st.just("word"), WORDS | st.sampled_from(["boring", "don’t", "Über", "2006", "😀"])),
    st.builds(Term, st.sampled_from(["label", "predicted"]), CLASSES),
    st.builds(Term, st.sampled_from(["right", "wrong"])),
    st.builds(Term, st.just("flipped"), st.tuples(EPOCHS, EPOCHS)),
    st.builds(Term, st.sampled_from(["confidence>", "confidence<", "length>", "length<"]), NUMBERS),
)
LAST_TERMS = st.builds(Term, st.just("sql"), st.text(min_size=1).filter(str.strip)) | st.builds(
    Term, st.just("at"), EPOCHS
)
CONDITIONS = st.builds(
    lambda terms, last: Condition((*terms, *last)),
    st.lists(TERMS, min_size=1, max_size=4),
    st.lists(LAST_TERMS, max_size=1),
)


@given(CONDITIONS)
@example(
    Condition(
        (Term("label", 'very "good" and wrong'), Term("predicted", "sql:1")),
    )
)
@example(Condition((Term("sql", "label = 'a' and length > 3"),)))
def test_a_condition_is_read_as_it_was_written(condition: Condition) -> None:
    if len(condition.text()) <= conditions.LONGEST:
        assert parse(condition.text()) == condition
        assert parse(f"  {condition.text()} ") == condition


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("word:boring and wrong", [Term("word", "boring"), Term("wrong")]),
        ("Word: Don’t AND Right", [Term("word", "don't"), Term("right")]),
        ("confidence > 0.9 and length<1e2", [Term("confidence>", 0.9), Term("length<", 100)]),
        ("flipped: 2 - 10", [Term("flipped", (2, 10))]),
        ('label:"a ""b"" and c"', [Term("label", 'a "b" and c')]),
        (
            "at:3 and predicted:neg\tand sql: a and b ",
            [Term("at", 3), Term("predicted", "neg"), Term("sql", "a and b")],
        ),
    ],
)
def test_what_people_type(text: str, meant: list[Term]) -> None:
    assert parse(text).terms == tuple(meant)


@given(
    st.text()
    | st.lists(st.sampled_from(["word:a", " and ", "wrong", "sql:", '"', "label:", "at:1", ">", "1e999"])).map("".join)
)
@example("")
@example("x" * 2001)
@example("confidence>" + "9" * 400)
@example("length<-")
@example("at:1 and at:2")
@example("word:")
@example("label:\ud800")
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    mistake = ""
    try:
        found = parse(text)
    except InputError as told:
        mistake = str(told)
    else:
        assert parse(found.text()) == found
    assert mistake.startswith("condition" if mistake else "")
    assert "\n" not in mistake


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("rating", "3"), ("word", "two words"), ("word", "a."), ("word", ""), ("label", " "), ("wrong", "x"),
        ("flipped", (1, -1)), ("flipped", 3), ("at", 1.5), ("at", True), ("length>", True), ("length>", float("nan")),
        ("confidence<", float("inf")), ("length<", "3"), ("sql", ""),
    ],
)  # fmt: skip
def test_terms_made_by_a_page_are_held_to_the_same_rules(kind: str, value: Any) -> None:
    with pytest.raises(InputError, match="condition"):
        Term(kind, value)


def test_sql_and_the_epoch_have_their_places() -> None:
    for terms in ([], [Term("sql", "true"), Term("wrong")], [Term("at", 1), Term("at", 1)]):
        with pytest.raises(InputError, match="condition"):
            Condition(tuple(terms))


Row = dict[str, Any]


def words_of(stored: Stored) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in stored.rows("elements"):
        found.setdefault(row["example"], set()).add(row["element"].lower().replace("’", "'"))
    return found


CASES: dict[str, Callable[[Row, Row], bool]] = {  # of a row at epoch 3 and at epoch 0
    "label:pos": lambda row, _: row["label"] == "pos",
    "predicted:neg": lambda row, _: row["predicted"] == "neg",
    "right": lambda row, _: row["predicted"] == row["label"],
    "wrong": lambda row, _: row["predicted"] != row["label"],
    "at:0 and wrong": lambda _, early: early["predicted"] != early["label"],
    "flipped:0-3": lambda row, early: row["predicted"] != early["predicted"],
    "flipped:3-0": lambda row, early: row["predicted"] != early["predicted"],
    "flipped:3-3": lambda row, early: False,
    "confidence>0.2": lambda row, _: row["confidence"] > 0.2,
    "confidence<0.05": lambda row, _: row["confidence"] < 0.05,
    "length>8": lambda row, _: row["length"] > 8,
    "length<8 and label:neg and wrong": lambda row, _: row["length"] < 8 and row["label"] == "neg" != row["predicted"],
}


@pytest.mark.parametrize("mapped_only", [True, False])
@pytest.mark.parametrize("text", CASES)
def test_what_is_found_is_what_a_plain_loop_finds(
    stored: Stored, source: Source, tiny: Facts, text: str, mapped_only: bool
) -> None:
    late, early = stored.judged(3), stored.judged(0)
    scope = set(stored.table("mapped")["example"].to_pylist()) if mapped_only else set(late)
    expected = tuple(sorted(example for example in scope if CASES[text](late[example], early[example])))
    assert find(source, tiny, parse(text), 3, mapped_only) == expected


@pytest.mark.parametrize("mapped_only", [True, False])
def test_a_word_is_found_whole_known_or_unknown_in_any_spelling(
    stored: Stored, source: Source, tiny: Facts, mapped_only: bool
) -> None:
    words = words_of(stored)
    scope = set(stored.table("mapped")["example"].to_pylist()) if mapped_only else set(words)
    unknown = [row["element"].lower() for row in stored.rows("elements", known=False)]
    for word in ["the", "movie", "mov", "not", "zzz", "don't", "<unknown>"[1:-1], *unknown[:5]]:
        expected = tuple(sorted(example for example in scope if word in words.get(example, ())))
        assert find(source, tiny, parse(f"word:{word.upper()}"), 3, mapped_only) == expected
    assert find(source, tiny, parse("word:the and word:movie"), 3) == tuple(
        sorted(
            example for example in stored.table("mapped")["example"].to_pylist() if {"the", "movie"} <= words[example]
        )
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("flipped:0-9", "epoch 9 is not in run tiny; there are 0 to 3"),
        ("at:77 and wrong", "epoch 77 is not in run tiny; there are 0 to 3"),
        ("label:meh", "condition: label:meh: run tiny has the classes neg, pos"),
        ('predicted:"\' OR 1=1 --"', 'condition: predicted:"\' OR 1=1 --": run tiny has the classes neg, pos'),
    ],
)
def test_what_the_run_has_not_is_one_line(source: Source, tiny: Facts, text: str, line: str) -> None:
    with pytest.raises(InputError) as told:
        find(source, tiny, parse(text), 3)
    assert str(told.value) == line


def test_a_selection_names_the_epoch_where_its_answer_depends_on_it(source: Source, tiny: Facts) -> None:
    found = select(source, tiny, "wrong", 0)
    assert found == Selection(find(source, tiny, parse("wrong"), 0), "at:0 and wrong", run="tiny")
    assert find(source, tiny, parse(found.condition), 3) == found.examples
    assert select(source, tiny, "at:2 and wrong", 0).condition == "at:2 and wrong"
    assert select(source, tiny, "word:the and flipped:0-3", 0).condition == "word:the and flipped:0-3"
    assert parse("confidence>0.5").pinned(1).text() == "at:1 and confidence>0.5"
    assert parse("sql:wrong").pinned(1).text() == "at:1 and sql:wrong"


def test_a_mistake_of_many_lines_is_told_in_one(source: Source, tiny: Facts) -> None:
    with pytest.raises(InputError) as told:
        find(source, tiny, parse('label:"a\n\nb"'), 3)
    assert "\n" not in str(told.value)


def hand_made(
    tmp_path: Path, classes: Sequence[str], output: Sequence[str], said: dict[str, list[float]]
) -> tuple[Source, Facts]:
    """A store of three examples; `said`: {class with an output: its probability for each}."""
    run = Run("hand", tmp_path)
    pairs = [("rating", "7"), ("Label", "x"), ('a "b"; --', "<i>")]
    run.write(
        "examples",
        {
            "example": [1, 2, 3], "id": ["a", "b", "c"], "split": ["test"] * 3, "label": [classes[0]] * 3,
            "text": ["x", "y", "z"], "steps": [None] * 3, "length": [1, 1, 1], "original_length": [1, 1, 1],
            "seen": [False] * 3, "attributes": [pairs, [("rating", "9.5")], []],
        },
    )  # fmt: skip
    run.write("mapped", {"example": [1, 3]})
    likeliest = [max(classes, key=lambda name: said.get(name, [0.5] * 3)[row]) for row in range(3)]
    run.write(
        "predictions",
        {
            "epoch": [0] * 3 * len(output), "example": [row + 1 for row in range(3) for _ in output],
            "class": [name for _ in range(3) for name in output],
            "probability": [said[name][row] for row in range(3) for name in output],
            "predicted": [likeliest[row] for row in range(3) for _ in output],
        },
    )  # fmt: skip
    known = Facts("hand", None, tuple(classes), output[-1], (), (0,), (0,), 3, 2)  # type: ignore[arg-type]
    return Source(tmp_path), known


def test_confidence_of_two_classes_and_of_three(tmp_path: Path) -> None:
    source, known = hand_made(tmp_path / "two", ["neg", "pos"], ["pos"], {"pos": [0.9, 0.5, 0.2]})
    found = source.frame(f"{reviews(source, known, 0, mapped_only=False)} ORDER BY example")
    assert found["confidence"].tolist() == pytest.approx([0.8, 0.0, 0.6])
    assert found["probability"].tolist() == [0.9, 0.5, 0.2]
    said = {"a": [0.5, 1 / 3, 0.0], "b": [0.25, 1 / 3, 0.0], "c": [0.25, 1 / 3, 1.0]}
    source, known = hand_made(tmp_path / "three", ["a", "b", "c"], ["a", "b", "c"], said)
    found = source.frame(f"{reviews(source, known, 0, mapped_only=False)} ORDER BY example")
    assert found["confidence"].tolist() == pytest.approx([0.25, 0.0, 1.0])
    assert found["probability"].tolist() == [0.25, 1 / 3, 1.0]
    assert len(source.frame(reviews(source, known, 0))) == 2


def test_attributes_are_columns_numbers_where_all_are_numbers(tmp_path: Path) -> None:
    source, known = hand_made(tmp_path, ["neg", "pos"], ["pos"], {"pos": [0.9, 0.5, 0.2]})
    found = source.frame(f"{reviews(source, known, 0, mapped_only=False)} ORDER BY example")
    assert list(attributes(source, known)) == ['a "b"; --', "rating"]  # not Label: reviews have a label
    assert list(found) == columns(source, known)
    assert found["rating"].tolist()[:2] == [7.0, 9.5]
    assert pd.isna(found["rating"][2])
    assert found['a "b"; --'][0] == "<i>"


def test_a_number_of_a_text_attribute_is_text(tmp_path: Path) -> None:
    run = Run("hand", tmp_path)
    source, known = hand_made(tmp_path, ["neg", "pos"], ["pos"], {"pos": [0.9, 0.5, 0.2]})
    table = run.read("examples").to_pydict()
    run.write("examples", table | {"attributes": [[("rating", "7")], [("rating", "none")], []]})
    assert source.frame(reviews(source, known, 0, mapped_only=False))["rating"].tolist()[:2] == ["7", "none"]
