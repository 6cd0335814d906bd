"""The SQL page without a browser: what is asked, what comes out, what is refused, and charts of any answer."""

import asyncio
import io
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.queries import QUERIES
from pipeline.schema import TABLES
from tests.project import RUN
from tests.stored import Stored
from viewer import design
from viewer.data import sandbox
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.sql import FIRST, Sql, counted
from viewer.plots import answers
from viewer.plots.colors import colors
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(stored: Stored) -> Sql:
    source = Source(Path("artifacts").absolute())
    state = State(source)
    state.choose_run(RUN)
    page = Sql(state, Live(source))
    page.show()
    yield page
    page.sandbox.close()
    sandbox.shared.cache_clear()


def asked(page: Sql, text: str) -> str:
    """Ask as a press of the button does, and wait; what is said then."""
    waiting: list[object] = []
    page.box.value = text
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("panel.state.execute", lambda act, schedule: waiting.append(act))
        page._ask()
    for act in waiting:
        asyncio.run(act())
    assert not page.ask.disabled
    return str(page.said.object)


def test_it_starts_with_a_question_and_all_tables(page: Sql) -> None:
    assert page.box.value == FIRST
    assert "rows" in asked(page, FIRST)
    titles = [card.title for card in page._schema().objects[1:]]
    assert titles == list(TABLES)


def test_an_answer_is_a_table_of_the_same_rows(page: Sql, stored: Stored) -> None:
    said = asked(page, "SELECT epoch, value FROM metrics WHERE split = 'test' AND metric = 'loss' ORDER BY epoch DESC")
    rows = stored.rows("metrics", split="test", metric="loss")
    assert f"{len(rows)} rows in" in said
    table = page.rows.objects[0].value
    assert list(table["value"]) == [row["value"] for row in sorted(rows, key=lambda row: -row["epoch"])]
    assert page.state.question.startswith("SELECT epoch, value")
    files = [export() for export in (button.callback for button in page.answered.objects[0].objects[3:])]
    assert len(files[0].read().splitlines()) == len(rows) + 1
    assert pq.read_table(io.BytesIO(files[1].read())).num_rows == len(rows)


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_an_example_is_asked_at_once_of_the_run_in_hand(
    page: Sql, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[object] = []
    monkeypatch.setattr("panel.state.execute", lambda act, schedule: waiting.append(act))
    page.example.value = number
    assert page.box.value == page.state.question == QUERIES[number].of(RUN)
    assert page.reading.visible
    for act in waiting:
        asyncio.run(act())
    assert "row" in page.said.object


@pytest.mark.parametrize(
    "text", ["", "SELEC", "SELECT 1; SELECT 2", "COPY metrics TO 'x'", f'SELECT * FROM "{ATTACK}"']
)
def test_a_mistake_is_one_line_and_the_next_question_works(page: Sql, text: str) -> None:
    asked(page, "SELECT 7")
    page.box.value = text
    said = asked(page, text) if text else asked(page, " ")
    assert "role='alert'" in said
    assert "<img" not in said
    assert page.result.objects == []
    assert "1 row in" in asked(page, "SELECT 1")


def test_the_first_rows_of_many_are_said_to_be_so(page: Sql) -> None:
    assert "the first 10,000 rows, there are more" in asked(page, "SELECT * FROM range(20000)")


def test_a_link_with_a_question_asks_it(page: Sql) -> None:
    waiting: list[object] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("panel.state.execute", lambda act, schedule: waiting.append(act))
        page.state.question = "SELECT 5 AS five"
    assert page.box.value == "SELECT 5 AS five"
    for act in waiting:
        asyncio.run(act())
    assert list(page.rows.objects[0].value["five"]) == [5]


FRAME = pd.DataFrame(
    {"word": ["good", "bad", ATTACK], "epoch": [0, 1, 2], "impact": [0.5, -0.25, None], "right": [True, False, True]}
)


def test_only_numbers_go_up() -> None:
    assert answers.numeric(FRAME) == ["epoch", "impact"]
    assert answers.axes(FRAME) == ("epoch", "impact")
    assert answers.axes(FRAME[["word", "impact"]]) == ("word", "impact")
    assert answers.axes(FRAME[["word"]]) == ("word", None)
    assert answers.axes(pd.DataFrame()) == (None, None)


@pytest.mark.parametrize("kind", ["bars", "line", "points"])
@pytest.mark.parametrize("x", list(FRAME))
def test_a_chart_holds_the_two_columns_without_gaps(kind: str, x: str) -> None:
    drawn = answers.chart(FRAME, kind, x, "impact", colors("paper", "light"))
    assert list(drawn.dimension_values(1, expanded=True)) == [0.5, -0.25]


def test_cells_are_short_texts_or_numbers() -> None:
    frame = pd.DataFrame({"list": [[1, 2]], "long": ["x" * 1000], "number": [1.5], "none": [None]})
    found = answers.shown(frame)
    assert found["list"][0] == "[1, 2]"
    assert len(found["long"][0]) == answers.LONGEST_CELL
    assert found["number"][0] == 1.5


def test_one_row_is_not_rows() -> None:
    assert [counted(number) for number in (0, 1, 1234)] == ["0 rows", "1 row", "1,234 rows"]
