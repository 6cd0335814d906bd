"""The SQL page as a person uses it: write, ask, read, draw, download; nothing of an answer is run."""

import csv
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from pipeline.queries import QUERIES
from tests.browser.serving import Served, opened
from tests.project import RUN
from tests.stored import Stored

ATTACK = "<img src=nowhere onerror='window.hacked=1'>"


@pytest.fixture
def sql(page: Page, server: Served) -> Page:
    return opened(page, f"{server.address}/?page=sql")


def cells(page: Page, column: str) -> Locator:
    """The cells of a column of the answer, as far as they are on the screen."""
    head = page.locator(".tabulator-col", has=page.get_by_text(column, exact=True))
    return page.locator(f".tabulator-row .tabulator-cell[tabulator-field='{head.get_attribute('tabulator-field')}']")


def test_control_enter_asks_what_the_box_holds(sql: Page, stored: Stored) -> None:
    box = sql.get_by_label("One SELECT")
    box.fill("SELECT epoch, value FROM metrics WHERE split = 'test' AND metric = 'accuracy' ORDER BY epoch")
    box.press("Control+Enter")
    rows = sorted(stored.rows("metrics", split="test", metric="accuracy"), key=lambda row: row["epoch"])
    expect(sql.get_by_text(f"{len(rows)} rows in")).to_be_visible()
    expect(sql.locator(".tabulator-row")).to_have_count(len(rows))
    expect(cells(sql, "epoch")).to_have_text([str(row["epoch"]) for row in rows])
    box.fill("SELECT 1 AS one")
    box.press("Control+Enter")
    expect(sql.get_by_text("1 row in")).to_be_visible()
    assert "SELECT+1+AS+one" in sql.url or "SELECT%201%20AS%20one" in sql.url


def test_a_screen_reader_hears_how_many_rows_there_are_while_the_box_keeps_the_focus(sql: Page) -> None:
    box, said = sql.get_by_label("One SELECT"), sql.locator("[role=status].says")
    for count in (2, 3):
        box.fill(f"SELECT * FROM range({count})")
        box.press("Control+Enter")
        expect(said).to_contain_text(f"{count} rows in")
        expect(box).to_be_focused()
        assert said.evaluate("(one) => one.count ?? 2") == count, "another element: nobody listens to it yet"
        said.evaluate("(one) => { one.count = 3 }")


@pytest.mark.parametrize("size", [(420, 800)], ids=str)
def test_in_a_narrow_window_no_line_is_cut_and_the_downloads_stand_in_one_line(sql: Page) -> None:
    box = sql.get_by_label("One SELECT")
    box.fill(
        "SELECT epoch, value, split, metric FROM metrics WHERE split = 'test' AND metric = 'accuracy' ORDER BY epoch"
    )
    box.press("Control+Enter")
    expect(sql.get_by_text("rows in")).to_be_visible()
    assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    places = [sql.get_by_text(f"Download as {kind}").bounding_box() for kind in ("CSV", "Parquet")]
    assert len({(place["y"], place["height"]) for place in places if place is not None}) == 1


def test_what_the_box_shows_is_asked_whoever_wrote_it(sql: Page) -> None:
    """Typed, then replaced by an example, then emptied: each time the box and the answer agree."""
    box, ask = sql.get_by_label("One SELECT"), sql.get_by_role("button", name="Ask")
    box.fill("SELECT 'typed' AS typed")
    ask.click()
    expect(cells(sql, "typed")).to_have_text("typed")
    sql.get_by_label("Example questions").select_option(index=2)
    expect(box).to_have_value(QUERIES[1].of(RUN))
    expect(sql.locator(".tabulator-col", has_text="mean_impact")).to_be_visible()
    ask.click()
    expect(sql.locator(".tabulator-col", has_text="mean_impact")).to_be_visible()
    box.fill("")
    ask.click()
    expect(sql.get_by_role("alert")).to_contain_text("nothing to ask")


def test_a_table_puts_its_question_into_the_box(sql: Page, stored: Stored) -> None:
    sql.get_by_text("classes", exact=True).first.click()
    sql.get_by_role("button", name="Put classes into the box").click()
    expect(sql.get_by_label("One SELECT")).to_have_value('SELECT * FROM "classes" LIMIT 20')
    sql.get_by_role("button", name="Ask").click()
    expect(sql.get_by_text("2 rows in")).to_be_visible()
    classes = sorted(stored.rows("classes"), key=lambda row: row["ordinal"])
    expect(cells(sql, "class")).to_have_text([row["class"] for row in classes])


def test_nothing_of_an_answer_is_html(sql: Page) -> None:
    box = sql.get_by_label("One SELECT")
    text = ATTACK.replace("'", "''")
    box.fill(f"SELECT '{text}' AS \"{ATTACK}\", ['{text}'] AS list, 1 AS n")
    box.press("Control+Enter")
    expect(sql.get_by_text("1 row in")).to_be_visible()
    expect(cells(sql, ATTACK)).to_have_text(ATTACK)
    sql.get_by_label("Draw", exact=True).select_option("bars")
    expect(sql.locator(".bk-Figure").first).to_be_visible()
    assert sql.locator("img[src=nowhere]").count() == 0
    assert sql.evaluate("window.hacked") is None


@pytest.mark.parametrize("kind", ["bars", "a line", "points"])
def test_an_answer_is_drawn(sql: Page, kind: str) -> None:
    box = sql.get_by_label("One SELECT")
    box.fill("SELECT range AS epoch, range * 0.5 AS half FROM range(5)")
    box.press("Control+Enter")
    expect(sql.get_by_text("5 rows in")).to_be_visible()
    sql.get_by_label("Draw", exact=True).select_option(kind)
    expect(sql.locator(".bk-Figure").first).to_be_visible()
    expect(sql.get_by_label("across")).to_have_value("epoch")
    expect(sql.get_by_label("up", exact=True)).to_have_value("half")


def test_an_answer_is_downloaded(sql: Page, tmp_path: Path) -> None:
    box = sql.get_by_label("One SELECT")
    box.fill("SELECT range AS n, '=1+' || range AS text FROM range(30)")
    box.press("Control+Enter")
    expect(sql.get_by_text("30 rows in")).to_be_visible()
    for kind in ("CSV", "Parquet"):
        with sql.expect_download() as download:
            sql.get_by_text(f"Download as {kind}").click()
        download.value.save_as(tmp_path / f"answer.{kind}")
    with (tmp_path / "answer.CSV").open(newline="") as file:
        assert list(csv.reader(file))[:2] == [["n", "text"], ["0", "'=1+0"]]
    assert pq.read_table(tmp_path / "answer.Parquet").to_pydict()["text"] == [f"=1+{n}" for n in range(30)]


def test_a_link_holds_the_question(page: Page, server: Served) -> None:
    opened(page, f"{server.address}/?page=sql&sql={quote('SELECT 41 + 1 AS answer')}")
    expect(page.get_by_label("One SELECT")).to_have_value("SELECT 41 + 1 AS answer")
    expect(cells(page, "answer")).to_have_text("42")
