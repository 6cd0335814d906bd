"""A condition that takes long, as a person meets it: the page and everybody else's go on, and another one counts."""

from urllib.parse import quote

from playwright.sync_api import Browser, Page, expect

from tests.browser.charts import charts
from tests.browser.serving import PATIENCE, Served, eventually, opened
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
