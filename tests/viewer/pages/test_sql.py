"""The SQL page without a browser: what is asked, what comes out, what is refused, and charts of any answer."""

import asyncio
import io
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

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


class Tried(Sql):
    """The page, with what the server's loop is asked to do kept in `waiting`."""

    waiting: list[Callable[[], Coroutine[Any, Any, None] | None]]

    def done(self) -> str:
        """Do it all; what the page says then."""
        with closing(asyncio.new_event_loop()) as loop:
            while self.waiting:
                if (coroutine := self.waiting.pop(0)()) is not None:
                    loop.run_until_complete(coroutine)
            loop.run_until_complete(loop.shutdown_default_executor())
        assert not self.ask.disabled
        return str(self.said.object)

    def asked(self, text: str) -> str:
        """Ask as a press of the button does; what the page says then."""
        self.box.value = text
        self._ask()
        return self.done()


@pytest.fixture
def page(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tried]:
    source = Source(Path("artifacts").absolute())
    state = State(source)
    state.choose_run(RUN)
    page = Tried(state, Live(source))
    page.waiting = []
    monkeypatch.setattr("viewer.elsewhere.begin", page.waiting.append)
    page.show()
    yield page
    page.sandbox.close()
    sandbox.shared.cache_clear()


def test_an_answer_that_comes_late_does_not_replace_what_was_said_since(page: Tried) -> None:
    page.box.value = "SELECT 1 AS one"
    page._ask()
    page.box.value = ""
    page._ask()
    assert "nothing to ask" in page.done()


def test_it_starts_with_a_question_and_all_tables(page: Tried) -> None:
    assert page.box.value == FIRST
    assert "rows" in page.asked(FIRST)
    titles = [card.title for card in page._schema().objects[1:]]
    assert titles == list(TABLES)


def test_an_answer_is_a_table_of_the_same_rows(page: Tried, stored: Stored) -> None:
    said = page.asked("SELECT epoch, value FROM metrics WHERE split = 'test' AND metric = 'loss' ORDER BY epoch DESC")
    rows = stored.rows("metrics", split="test", metric="loss")
    assert f"{len(rows)} rows in" in said
    table = page.rows.objects[0].value
    assert list(table["c1"]) == pytest.approx([row["value"] for row in sorted(rows, key=lambda row: -row["epoch"])])
    assert page.state.question.startswith("SELECT epoch, value")
    files = [export() for export in (button.callback for button in page.answered.objects[0].objects[3].objects)]
    assert len(files[0].read().splitlines()) == len(rows) + 1
    assert pq.read_table(io.BytesIO(files[1].read())).num_rows == len(rows)


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_an_example_is_asked_at_once_of_the_run_in_hand(page: Tried, number: int) -> None:
    page.example.value = number
    assert page.box.value == page.state.question == QUERIES[number].of(RUN)
    assert page.reading.visible
    assert "row" in page.done()


@pytest.mark.parametrize(
    "text", ["", "SELEC", "SELECT 1; SELECT 2", "COPY metrics TO 'x'", f'SELECT * FROM "{ATTACK}"']
)
def test_a_mistake_is_one_line_and_the_next_question_works(page: Tried, text: str) -> None:
    page.asked("SELECT 7")
    said = page.asked(text)
    assert "role='alert'" in said
    assert "<img" not in said
    assert page.result.objects == []
    assert "1 row in" in page.asked("SELECT 1")


def test_the_first_rows_of_many_are_said_to_be_so(page: Tried) -> None:
    said = page.asked("SELECT * FROM range(20000)")
    assert "the first 10,000 rows, here and in the download: there are more" in said


def test_a_chart_of_the_next_answer_is_of_its_own_columns(page: Tried) -> None:
    page.asked("SELECT epoch, layer, trustworthiness FROM maps ORDER BY 1, 2")
    page.kind.value = "bars"
    assert "bars for" in page.chart.objects[1].object
    page.asked("SELECT label, length FROM examples WHERE length > 2 LIMIT 1")
    assert (page.x.value, page.y.value) == ("label", "length")
    assert page.x.options == ["label", "length"]
    (chart,) = page.chart.objects
    assert chart.object.kdims[0].label == "x"
    assert len(chart.object) == 1
    page.asked("SELECT 'no number' AS word")
    assert page.chart.objects == []


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1e-9, 1e-9),
        (0.1 + 0.2, 0.3),
        (1 / 3, 0.33333333),
        (5114998.0, 5114998.0),
        (-123456.75, -123456.75),
        (1e300, 1e300),
    ],
)
def test_numbers_are_shown_without_noise_and_none_as_nothing(page: Tried, number: float, shown: float) -> None:
    page.asked(f"SELECT {number!r}::DOUBLE AS real, 7 AS whole, 12345678901234567890 AS large")
    (table,) = page.rows.objects
    assert table.value.to_numpy().tolist() == [[shown, 7, "12345678901234567890"]]
    assert table.formatters == {"c0": "plaintext"}


def test_names_of_columns_are_text(page: Tried) -> None:
    page.asked(f'SELECT 1.5, 2 AS "a.b", 3 AS "{ATTACK}", 4 AS "index"')
    table = page.rows.objects[0]
    assert list(table.titles.values()) == ["1.5", "a.b", "&lt;img src=x onerror=alert(1)&gt;", "index"]
    assert table.value.to_numpy().tolist() == [[1.5, 2, 3, 4]]


def test_a_link_with_a_question_asks_it(page: Tried) -> None:
    page.state.question = "SELECT 5 AS five"
    assert page.box.value == "SELECT 5 AS five"
    page.done()
    assert list(page.rows.objects[0].value["c0"]) == [5]


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
