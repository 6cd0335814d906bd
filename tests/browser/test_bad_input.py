"""What people type: the page says what is wrong, goes on working, and runs nothing of it."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rows import rows, shows, typed
from tests.browser.serving import Served, opened

MARK = "window.harmed"
TYPED = {
    "nothing": "",
    "spaces": "     ",
    "one word": "boring",
    "10,000 words": "word " * 10_000,
    "unknown words only": "qwzxk vvbnq xxqy",
    "emoji": "🎬🎬 great 👩‍🚀 film 🇬🇧",
    "right to left": "הסרט הזה לא משעמם",
    "a script": f"<script>{MARK}=1</script> boring",
    "an image": f"<img src=nowhere onerror='{MARK}=1'> boring",
}

PLAIN = ("one word", "unknown words only", "right to left")  # their words are what spaces part


def harmless(page: Page) -> bool:
    return bool(page.evaluate(f"() => {MARK} === undefined"))


@pytest.mark.parametrize("kind", TYPED)
def test_whatever_is_typed_is_text_and_the_page_goes_on(words: Page, kind: str) -> None:
    text = TYPED[kind]
    typed(words, text)
    if not text.strip():
        expect(words.get_by_text("There is no word to show").first).to_be_visible()
    elif kind == "10,000 words":
        expect(words.get_by_text("not read").first).to_be_visible()
    else:
        shows(words, text.strip())
        shown = rows(words)[-1]
        read = text.split()
        assert shown.spelled[: len(read)] == read or kind not in PLAIN
        expect(words.locator(".not-read")).to_have_count(0)
    lines = words.locator(".word").evaluate_all("(all) => all.map((each) => getComputedStyle(each).textDecoration)")
    if kind in ("one word", "unknown words only"):
        assert lines
        assert {"dotted" in line for line in lines} == {kind == "unknown words only"}
    typed(words, "a good movie")
    shows(words, "a good movie")
    assert harmless(words)


def test_markup_in_every_place_that_takes_text(words: Page, server: Served) -> None:
    attack = quote(f"<img src=nowhere onerror='{MARK}=1'>")
    here = [
        f"run={attack}", f"epoch={attack}", f"page={attack}", f"selection={attack}", f"page=layers&color={attack}",
        f"view=compare&text={attack}&second={attack}", f"page=sql&sql={attack}", f"page=runs&other={attack}",
    ]  # fmt: skip
    for query in here:
        opened(words, f"{server.address}/?{query}")
        assert harmless(words), query
        assert words.locator("img[src=nowhere]").count() == 0, query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("run=nobody", "nobody"),
        ("epoch=99", "99"),
        ("epoch=first", "first"),
        ("example=123456789", "123456789"),
        ("selection=ids:damaged", "selected"),
        ("selection=saved:never", "never"),
        ("page=elsewhere", "elsewhere"),
        ("grey=7", "grey"),
    ],
)
def test_a_link_to_what_is_not_there_says_so_and_shows_what_is(
    words: Page, server: Served, query: str, said: str
) -> None:
    opened(words, f"{server.address}/?{query}")
    expect(words.get_by_role("alert")).to_contain_text(said)
    expect(words.get_by_text("boring", exact=True).first).to_be_visible()


@pytest.mark.parametrize(
    "asked",
    [
        "SELEC 1",
        "SELECT * FROM nowhere",
        "COPY (SELECT 1) TO 'stolen.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT 1; SELECT 2",
        "ATTACH 'x.db'",
        "SET memory_limit = '1TB'",
    ],
)
def test_sql_that_is_wrong_or_not_allowed_is_said(words: Page, server: Served, asked: str) -> None:
    opened(words, f"{server.address}/?page=sql")
    box = words.get_by_label("One SELECT")
    box.fill(asked)
    words.get_by_role("button", name="Ask").click()
    expect(words.get_by_role("alert")).to_be_visible()
    expect(words.get_by_text("root:")).to_have_count(0)
    assert not (server.folder / "stolen.csv").exists()
    box.fill("SELECT count(*) AS reviews FROM mapped")
    words.get_by_role("button", name="Ask").click()
    expect(words.get_by_text("1 row in")).to_be_visible()
