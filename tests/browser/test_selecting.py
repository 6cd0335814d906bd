"""Selecting by a condition, as a person meets it: one that takes long holds up nobody; and Esc selects nothing."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.charts import charts
from tests.browser.serving import PATIENCE, Served, at_rest, eventually, opened
from tests.stored import Stored

SLOW = "sql:(SELECT count(*) FROM range(100000000000)) > 0"  # until it is stopped, after ten seconds


def wrong(stored: Stored) -> int:
    said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    return sum(row["label"] != said[row["example"]] for row in stored.mapped)


def test_meanwhile_all_pages_go_on_and_a_later_condition_counts(
    browser: Browser, page: Page, server: Served, stored: Stored
) -> None:
    other = browser.new_context()
    other.set_default_timeout(PATIENCE * 1000)
    words = opened(other.new_page(), server.address)
    opened(page, f"{server.address}/?page=layers")
    condition = page.get_by_placeholder("word:boring and wrong")
    waiting = page.get_by_text("Selecting …").filter(visible=True)
    condition.fill(SLOW)
    condition.press("Enter")
    expect(waiting).to_have_count(2)  # in the header, and in the card
    words.get_by_label("Sentence", exact=True).fill("a splendid film")
    words.get_by_role("button", name="Explain").click()
    expect(words.get_by_text("splendid", exact=True).first).to_be_visible()
    expect(waiting).to_have_count(2)  # still: the other page did not wait for it
    condition.fill("wrong")
    condition.press("Enter")
    expect(page.get_by_text(f"{wrong(stored)} of 60").first).to_be_visible()
    expect(waiting).to_have_count(0)
    other.close()


def test_a_link_with_sql_opens_and_then_selects(page: Page, server: Served, stored: Stored) -> None:
    opened(page, f"{server.address}/?page=layers&selection={quote('sql:wrong')}")
    eventually(page, lambda: [len(chart.selected) for chart in charts(page)] == [wrong(stored)] * 3)
    eventually(page, lambda: page.get_by_text(f"{wrong(stored)} of 60").count() > 0)


def test_a_link_with_wrong_sql_says_so_and_shows_the_rest(page: Page, server: Served) -> None:
    opened(page, f"{server.address}/?selection={quote('sql:<img src=nowhere>')}")
    expect(page.get_by_role("alert")).to_contain_text("condition: sql")
    expect(page.get_by_text("boring", exact=True).first).to_be_visible()
    assert page.locator("img[src=nowhere]").count() == 0


def test_a_preset_can_be_chosen_again(page: Page, server: Served, stored: Stored) -> None:
    opened(page, f"{server.address}/?page=layers")
    preset = page.get_by_label("Select by a condition")
    for _ in range(2):
        preset.select_option("Wrong predictions")
        expect(page.get_by_text(f"{wrong(stored)} of 60").first).to_be_visible()
        expect(preset).to_have_value("Choose or type below")
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_text("none of 60").first).to_be_visible()


@pytest.mark.parametrize("name", ["words", "training", "runs", "claims", "sql"])
def test_escape_selects_nothing_on_every_page_but_in_a_text(
    page: Page, server: Served, stored: Stored, name: str
) -> None:
    opened(page, f"{server.address}/?page={name}&selection=wrong")
    chosen, nothing = (page.get_by_text(f"{count} of 60").first for count in (wrong(stored), "none"))
    expect(chosen).to_be_visible()
    for field in page.locator("textarea:visible, input[type=text]:visible").all():
        field.focus()
        page.keyboard.press("Escape")
    at_rest(page)
    expect(chosen).to_be_visible()
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Escape")
    expect(nothing).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(chosen).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()  # it was one step
    page.locator("b.brand").click()
    page.keyboard.press("Escape")
    expect(nothing).to_be_visible()


def test_escape_gives_up_what_is_looked_for(page: Page, server: Served) -> None:
    opened(page, f"{server.address}/?page=layers")
    page.get_by_placeholder("word:boring and wrong").fill(SLOW)
    page.get_by_placeholder("word:boring and wrong").press("Enter")
    waiting = page.get_by_text("Selecting …").filter(visible=True)
    expect(waiting).to_have_count(2)
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Escape")
    expect(waiting).to_have_count(0)
    expect(page.get_by_text("none of 60").first).to_be_visible()


def test_in_a_narrow_window_each_cell_of_the_most_moving_words_is_one_line(page: Page, server: Served) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    opened(page, f"{server.address}/?page=layers&selection={quote('length>0')}")
    cells = page.get_by_role("table").filter(has_text="mean impact").locator("td")
    expect(cells.first).to_be_visible()
    heights = cells.evaluate_all(
        """(cells) => cells.map((cell) => {
          const text = document.createRange()
          text.selectNodeContents(cell)
          return text.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).fontSize)
        })"""
    )
    assert max(heights) < 2
