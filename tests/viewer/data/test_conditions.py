"""Conditions: read, written and found, against the plain rows of the tiny run; what is typed is never run."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import store
from pipeline.data.words import normal, spans
from pipeline.errors import InputError
from pipeline.store import Run
from tests.stored import Stored
from viewer.data import conditions
from viewer.data.conditions import Condition, Term, find, is_expression, parse, select
from viewer.data.facts import Facts
from viewer.data.reviews import attributes, columns, reviews
from viewer.data.sandbox import Sandbox
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


def rows(stored: Stored, epoch: int) -> dict[int, Row]:
    """{example: its row with what is said of it at the epoch}, by pyarrow and Python alone."""
    said = {row["example"]: row for row in stored.rows("predictions", epoch=epoch)}
    found = {}
    for row in stored.rows("examples"):
        answer = said[row["example"]]
        confidence = abs(2 * answer["probability"] - 1)
        found[row["example"]] = row | {"predicted": answer["predicted"], "confidence": confidence}
    return found


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
    late, early = rows(stored, 3), rows(stored, 0)
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


@given(st.text(max_size=30))
@example("\0")
@example("\ud800")
@example("true\0) or (1")
@example("'\ud800' = label")
def test_any_text_can_be_asked_whether_it_is_an_expression(text: str) -> None:
    if text.strip():
        assert is_expression(str(Term("sql", text).value)) in (True, False)


def test_a_mistake_of_many_lines_is_told_in_one(source: Source, tiny: Facts) -> None:
    with pytest.raises(InputError) as told:
        find(source, tiny, parse('label:"a\n\nb"'), 3)
    assert "\n" not in str(told.value)


class Unlocked:
    """What the locked database answers, without its locks."""

    asked: list[str]

    def __init__(self, artifacts: Path) -> None:
        self.connection = store.connect(artifacts)
        self.asked = []

    def select(self, sql: str, rows: int, relations: dict[str, str]) -> Any:
        self.asked.append(sql)
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW reviews AS {relations['reviews']}")
        frame = self.connection.execute(sql).df()
        return type("Answer", (), {"frame": frame.head(rows), "truncated": len(frame) > rows, "seconds": 0.0})


@pytest.fixture
def unlocked(source: Source, monkeypatch: pytest.MonkeyPatch) -> Unlocked:
    box = Unlocked(source.artifacts)
    monkeypatch.setattr(conditions.sandbox, "shared", lambda artifacts: box)
    return box


def test_sql_is_one_more_condition_on_the_same_reviews(
    stored: Stored, source: Source, tiny: Facts, unlocked: Unlocked
) -> None:
    late = rows(stored, 3)
    mapped = stored.table("mapped")["example"].to_pylist()
    expected = tuple(
        sorted(
            example
            for example in mapped
            if late[example]["label"] == "pos" and late[example]["length"] > 6 and late[example]["predicted"] == "neg"
        )
    )
    assert find(source, tiny, parse("label:pos and sql:length > 6 and wrong -- and what I meant"), 3) == expected
    everything = find(source, tiny, parse("sql:true"), 3, mapped_only=False)
    assert everything == tuple(sorted(late))
    from_amazon = [row["example"] for row in stored.mapped if dict(row["attributes"])["source"] == "amazon"]
    assert find(source, tiny, parse("sql:source = 'amazon'"), 3) == tuple(sorted(from_amazon))
    assert "(source = 'amazon'\n) AS answer FROM reviews" in unlocked.asked[-1]


def test_sql_runs_in_the_locked_database(source: Source, tiny: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(source.artifacts) as locked:
        monkeypatch.setattr(conditions.sandbox, "shared", lambda artifacts: locked)
        long = find(source, tiny, parse("length>6"), 3)
        assert find(source, tiny, parse("sql:length > 6"), 3) == long
        assert find(source, tiny, parse("right and sql:wrong"), 3) == ()
        assert find(source, tiny, parse("sql:example IN (SELECT example FROM elements WHERE position = 7)"), 3) == long
        for text in (
            "text = (SELECT content FROM read_text('/etc/passwd'))",
            "nonsense > 3",
            "id",
            "getenv('HOME') = ''",
        ):
            with pytest.raises(InputError) as told:
                find(source, tiny, Condition((Term("sql", text),)), 3)
            assert "\n" not in str(told.value)


ESCAPES = [
    "true) UNION SELECT 1 FROM reviews WHERE (true", "true); SELECT (1", "true) ORDER BY (1", "true) LIMIT (1",
    "true) GROUP BY (example", "true) OR (true", "1) THEN true END OR CASE WHEN (true", "true) --", "true /*", "--",
    "/* */", "", "select", "SELECT 1", "true THEN true END", "true) HAVING (true", "true) QUALIFY (true",
    "true; true", "true) AS x, (1", "true) FROM reviews; SELECT (1", "'", "$$",
    "true)\n); COPY reviews TO 'stolen.csv'; SELECT (1", "true) WINDOW w AS (ORDER BY 1",
    "1 THEN 2 ELSE (1) END) OR (CASE WHEN 1", "true THEN true END OR CASE WHEN true", "true THEN true END LIMIT 1 --",
]  # fmt: skip


@pytest.mark.parametrize("text", ESCAPES)
def test_text_that_ends_the_bracket_never_reaches_the_database(
    source: Source, tiny: Facts, unlocked: Unlocked, text: str
) -> None:
    assert not is_expression(text)
    with pytest.raises(InputError, match="condition"):
        find(source, tiny, Condition((Term("sql", text),)) if text else parse("sql:"), 3)
    assert unlocked.asked == []


@pytest.mark.parametrize(
    "text", ["columns(*) is not null", "COLUMNS('l.*') > 2", "*", "struct_pack(*columns(*)) is not null"]
)
def test_what_stands_for_several_columns_is_no_expression(source: Source, tiny: Facts, text: str) -> None:
    assert not is_expression(text)
    with pytest.raises(InputError, match="write one expression that is true or false"):
        find(source, tiny, parse(f"sql:{text}"), 3)


@pytest.mark.parametrize("text", ["1/0", "length", "label", "[1]", "length - 3"])
def test_what_is_neither_true_nor_false_is_told_by_its_type(source: Source, tiny: Facts, text: str) -> None:
    with pytest.raises(InputError, match=r"of type [A-Z\[\]]+, not true or false; compare it"):
        find(source, tiny, parse(f"sql:{text}"), 3)
    assert find(source, tiny, parse("sql:NULL"), 3) == ()


@pytest.mark.parametrize(
    "text",
    [
        "length > 3", "(length > 3) and (wrong)", "true -- a remark", "label = ')'", "label = $$)$$", '"right" or seen',
        "CASE WHEN wrong THEN length > 3 ELSE false END", "example IN (SELECT neighbor FROM neighbors LIMIT 5)",
        "(SELECT count(*) FROM reviews) > 3", "EXISTS (SELECT * FROM reviews)",
    ],
)  # fmt: skip
def test_expressions_are_expressions(text: str) -> None:
    assert is_expression(text)


PIECES = [*"()'\"-/*;$,1 \n", "true", " or ", "select ", " end ", " then ", "case when "]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_an_expression_closes_what_it_opens(text: str) -> None:
    """An oracle of few words: without quotes and remarks, brackets of an expression never close before they open."""
    if is_expression(text) and not set(text) & set("'\"-/$"):
        depth = 0
        for letter in text:
            depth += (letter == "(") - (letter == ")")
            assert depth >= 0
        assert depth == 0


def test_very_deep_expressions_are_refused_or_read_but_end_nothing() -> None:
    for text in ("(" * 990 + "1" + ")" * 990, "not " * 499 + "true", "1" + "+1" * 990, "[" * 990 + "]" * 990):
        assert is_expression(text) in (True, False)


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
