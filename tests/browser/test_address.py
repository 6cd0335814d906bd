"""The address in a real browser: it says what is shown, back and forth show what it says, a link is mended once."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.serving import IDLE, PATIENCE, Served, eventually, opened


def go(page: Page, title: str) -> None:
    """To a page of the viewer by its name above all of them."""
    page.get_by_role("button", name=title, exact=True).click()


def asked(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def steps(page: Page) -> int:
    """How long the history of the page is: it grows by pushes alone."""
    return int(page.evaluate("history.length"))


def shows(page: Page, title: str) -> None:
    """The page `title` is the one drawn, the one marked above, and the one in the address."""
    inside = {
        "Words": page.get_by_label("Sentence", exact=True),
        "Layers": page.get_by_label("Find a review by its id"),
        "SQL": page.get_by_label("One SELECT"),
    }
    eventually(page, lambda: [name for name, mark in inside.items() if mark.count()] == [title])
    eventually(page, lambda: page.locator("button.bk-active", has_text=title).count() > 0)
    eventually(page, lambda: asked(page).get("page", "words") == title.lower())


def test_back_and_forth_show_what_the_address_says(page: Page, server: Served) -> None:
    opened(page, server.address)
    for title in ("Layers", "SQL"):
        go(page, title)
        shows(page, title)
    count = steps(page)
    page.go_back()
    shows(page, "Layers")
    eventually(page, lambda: len(charts(page)) == 3)
    page.go_back()
    shows(page, "Words")
    page.go_forward()
    shows(page, "Layers")
    page.go_forward()
    shows(page, "SQL")
    assert steps(page) == count, "going back or forth made steps of its own"


def test_a_sentence_and_an_epoch_come_back_and_a_new_step_leaves_from_there(page: Page, server: Served) -> None:
    opened(page, server.address)
    sentence = page.get_by_label("Sentence", exact=True)
    for text in ("a good film", "a bad film"):
        sentence.fill(text)
        page.get_by_role("button", name="Explain").click()
        eventually(page, lambda text=text: asked(page).get("text") == text)
    page.get_by_role("button", name="One epoch back").click()
    eventually(page, lambda: asked(page).get("epoch") == "2")
    page.go_back()
    eventually(page, lambda: "epoch" not in asked(page))
    expect(page.get_by_text("“a bad film”")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("“a good film”")).to_be_visible()
    expect(sentence).to_have_value("a good film")
    count = steps(page)
    go(page, "SQL")
    eventually(page, lambda: asked(page) == {"run": "tiny", "text": "a good film", "page": "sql"})
    assert steps(page) < count, "the way forth to “a bad film” is still there"
    page.go_back()
    expect(page.get_by_text("“a good film”")).to_be_visible()
    assert asked(page)["text"] == "a good film"


def test_going_back_over_a_change_of_theme_opens_the_page_in_the_one_before(page: Page, server: Served) -> None:
    opened(page, server.address)
    scheme = page.locator("meta[name=color-scheme]")
    page.get_by_role("button", name="Dark").click()
    expect(scheme).to_have_attribute("content", "dark", timeout=PATIENCE * 1000)
    page.wait_for_function(IDLE, timeout=PATIENCE * 1000)
    go(page, "SQL")
    shows(page, "SQL")
    page.go_back()
    shows(page, "Words")
    page.go_back()
    expect(scheme).to_have_attribute("content", "light", timeout=PATIENCE * 1000)
    shows(page, "Words")


@pytest.mark.parametrize(
    ("query", "said", "left"),
    [
        ("run=nope", "nope", {"run": "tiny"}),
        ("epoch=99", "99", {"run": "tiny"}),
        ("epoch=99&page=layers", "99", {"run": "tiny", "page": "layers"}),
        ("page=layers&color=%3Cimg%3E", "color=", {"run": "tiny", "page": "layers"}),
        ("rows=1,77", "77", {"run": "tiny", "rows": "1"}),
    ],
)
def test_what_is_wrong_in_a_link_is_told_once(
    page: Page, server: Served, query: str, said: str, left: dict[str, str]
) -> None:
    """The notice stays, the address says what is shown, and opening that address has nothing to tell."""
    opened(page, f"{server.address}/?{query}")
    expect(page.get_by_role("alert")).to_contain_text(said)
    eventually(page, lambda: asked(page) == left)
    page.reload()
    page.wait_for_function(IDLE, timeout=PATIENCE * 1000)
    expect(page.locator("input[type=text], textarea, canvas").first).to_be_attached()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_step_that_cannot_be_shown_any_more_is_told_and_replaced(page: Page, private_server: Served) -> None:
    """A selection kept under a name, and removed meanwhile."""
    opened(page, f"{private_server.address}/?text=one")
    go(page, "SQL")
    shows(page, "SQL")
    page.evaluate("history.replaceState(null, '', '?epoch=77&page=sql'); history.pushState(null, '', '?page=layers')")
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text("77")
    eventually(page, lambda: asked(page) == {"run": "tiny", "page": "sql"})
