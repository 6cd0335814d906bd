"""What people type and what a corpus holds: the page says what is wrong, goes on working, and runs nothing of it."""

from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.pointing import alone
from tests.browser.rows import rows, shows, typed
from tests.browser.serving import Served, eventually, opened
from tests.project import Project
from tests.stored import Stored

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

PLAIN = ("one word", "10,000 words", "unknown words only", "right to left")  # their words are what spaces part


def harmless(page: Page) -> bool:
    return bool(page.evaluate(f"() => {MARK} === undefined"))


@pytest.fixture
def words(page: Page, server: Served) -> Page:
    return opened(page, server.address)


@pytest.mark.parametrize("kind", TYPED)
def test_whatever_is_typed_is_text_and_the_page_goes_on(words: Page, kind: str) -> None:
    text = TYPED[kind]
    typed(words, text)
    if not text.strip():
        expect(words.get_by_text("There is no word to show").first).to_be_visible()
    else:
        shows(words, text.strip())
        shown = rows(words)[-1]
        read = text.split()[: 12 if len(text) > 1000 else None]  # as many words as the run reads
        assert shown.spelled[: len(read)] == read or kind not in PLAIN
    expect(words.locator(".not-read")).to_have_count(int(kind == "10,000 words"))
    lines = words.locator(".word").evaluate_all("(all) => all.map((each) => getComputedStyle(each).textDecoration)")
    if kind in ("one word", "10,000 words", "unknown words only"):
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


IMAGE = f"<img src=nowhere onerror='{MARK}=1'>"
ATTACK = f"{IMAGE}<script>{MARK}=1</script>"
KINDS = {f"{IMAGE}neg": "bad", f"{IMAGE}pos": "good"}  # {label: the word of its reviews}


def hostile_table(path: Path) -> None:
    """A corpus whose ids, texts, labels and a further column, by name and by value, hold markup that would run."""
    table = [
        {"id": f"{ATTACK}{number}", "text": f"{ATTACK} the film {number} is {word}", "label": label,
         f"{IMAGE}colour": f"{IMAGE}{number % 3}"}
        for number in range(120)
        for label, word in KINDS.items()
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(table), path)


def test_what_a_corpus_holds_is_text_too(
    page: Page, private_server: Served, workshop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile_table(workshop.folder / "hostile.parquet")
    built = workshop.command(
        "pipeline", "run=tiny", "name=hostile", "corpus=table", "corpus.file=hostile.parquet", "corpus.id=id",
        "corpus.text=text", "corpus.test=0.3", "corpus.vocabulary=500", "corpus.max_length=12", "maps.examples=40",
        "faithfulness.examples=0",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    monkeypatch.chdir(workshop.folder)
    first = Stored("hostile").mapped[0]["example"]
    stops = {
        f"example={first}": ".word",
        "view=texts": ".word",
        "view=compare": ".word",
        f"page=layers&selection=wrong&color={quote(IMAGE)}colour": ".tabulator-cell",
        "page=training": ".item",
        "page=runs&other=tiny": ".item",
        "page=claims": "h2",
        f"page=sql&sql={quote('SELECT * FROM examples JOIN classes USING (run)')}": ".tabulator-cell",
        f"page=sql&sql={quote('SELECT attributes FROM examples')}": ".tabulator-cell",
    }
    for query, shown in stops.items():
        opened(page, f"{private_server.address}/?run=hostile&{query}")
        expect(page.locator(shown).first, query).to_be_visible()
        if shown != "h2":
            expect(page.locator(shown, has_text="<").first, query).to_be_visible()
        assert harmless(page), query
        assert page.locator("img[src=nowhere]").count() == 0, query
    opened(page, f"{private_server.address}/?run=hostile&page=layers&selection=right")
    eventually(page, lambda: len(charts(page)) == 3)
    chart = charts(page)[1]
    page.mouse.move(*chart.point(alone(chart)[0]))
    expect(page.locator(".review")).to_contain_text(f"Review {ATTACK}")
    expect(page.locator(".review .head")).to_contain_text(
        f"Predicted {IMAGE}".upper().replace("PREDICTED", "Predicted")
    )
    page.get_by_label("Find a review by its id").type("script")
    expect(page.get_by_text(f"{ATTACK}1").first).to_be_visible()
    assert harmless(page)
    assert page.locator("img[src=nowhere]").count() == 0
