"""SQL as a condition: what is one expression, what it finds, and that nothing gets out of its brackets."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import store
from pipeline.errors import InputError
from tests.stored import Stored
from viewer.data import expressions
from viewer.data.conditions import Condition, Term, find, parse
from viewer.data.expressions import is_expression
from viewer.data.facts import Facts
from viewer.data.sandbox import Sandbox
from viewer.data.source import Source


@given(st.text(max_size=30))
@example("\0")
@example("\ud800")
@example("true\0) or (1")
@example("'\ud800' = label")
def test_any_text_can_be_asked_whether_it_is_an_expression(text: str) -> None:
    if text.strip():
        assert is_expression(str(Term("sql", text).value)) in (True, False)


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
    monkeypatch.setattr(expressions.sandbox, "shared", lambda artifacts: box)
    return box


def test_sql_is_one_more_condition_on_the_same_reviews(
    stored: Stored, source: Source, tiny: Facts, unlocked: Unlocked
) -> None:
    late = stored.judged(3)
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
        monkeypatch.setattr(expressions.sandbox, "shared", lambda artifacts: locked)
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
