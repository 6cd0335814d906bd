"""What people type, what a corpus holds and what happens to files: the page says what is wrong and goes on working."""

import shutil
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.serving import Served, eventually, opened

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


def typed(page: Page, text: str) -> None:
    page.get_by_label("Sentence", exact=True).fill(text)
    page.get_by_role("button", name="Explain").click()


def harmless(page: Page) -> bool:
    return bool(page.evaluate(f"() => {MARK} === undefined"))


@pytest.fixture
def words(page: Page, server: Served) -> Page:
    return opened(page, server.address)


@pytest.mark.parametrize("kind", TYPED)
def test_whatever_is_typed_is_text_and_the_page_goes_on(words: Page, kind: str) -> None:
    typed(words, TYPED[kind])
    if kind in ("nothing", "spaces"):
        expect(words.get_by_text("There is no word to show").first).to_be_visible()
    elif kind == "unknown words only":
        expect(words.get_by_text("qwzxk").first).to_be_visible()
        expect(
            words.get_by_text("none of the words", exact=False).or_(words.get_by_text("vocabulary")).first
        ).to_be_visible()
    elif kind == "10,000 words":
        expect(words.get_by_text("not read").first).to_be_visible()
    elif kind == "right to left":
        expect(words.get_by_text("משעמם").first).to_be_visible()
    elif kind == "emoji":
        expect(words.get_by_text("🎬").first).to_be_visible()
    else:
        expect(
            words.get_by_role("button", name="boring").or_(words.get_by_text("boring", exact=True)).first
        ).to_be_visible()
    typed(words, "a good movie")
    expect(words.get_by_text("good", exact=True).first).to_be_visible()
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


def test_what_a_corpus_holds_is_text_too(page: Page, private_server: Served) -> None:
    results = private_server.folder / "artifacts" / "run=tiny"
    table = pq.read_table(results / "examples.parquet", partitioning=None)
    first = pq.read_table(results / "mapped.parquet", partitioning=None)["example"][0].as_py()
    attack = f"<img src=nowhere onerror='{MARK}=1'><script>{MARK}=1</script> "
    texts = pc.binary_join_element_wise(pa.scalar(attack), table["text"], "")
    place = table.schema.get_field_index("text")
    pq.write_table(table.set_column(place, "text", texts), results / "examples.parquet")
    for query in (f"example={first}", "view=texts", "page=layers&selection=wrong", "page=training", "page=runs"):
        opened(page, f"{private_server.address}/?{query}")
        assert harmless(page), query
        assert page.locator("img[src=nowhere]").count() == 0, query
    opened(page, f"{private_server.address}/?example={first}")
    expect(page.get_by_text("onerror").first).to_be_visible()


BROKEN = {
    "points": "page=layers",
    "neighbors": "page=layers",
    "predictions": "page=layers",
    "maps": "page=layers",
    "elements": "view=texts",
    "impacts": "view=texts",
    "examples": "view=texts",
    "metrics": "page=training",
}


@pytest.mark.parametrize("damage", ["cut short", "deleted"])
def test_a_file_that_breaks_while_the_viewer_runs(
    page: Page, private_server: Served, damage: str, tmp_path: Path
) -> None:
    """A page opened on the broken file says so; once the file is whole, the same page goes on at the next step."""
    results = private_server.folder / "artifacts" / "run=tiny"
    opened(page, private_server.address)
    for table, query in BROKEN.items():
        path, kept = results / f"{table}.parquet", tmp_path / table
        shutil.copy2(path, kept)
        if damage == "deleted":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-30])
        opened(page, f"{private_server.address}/?{query}")
        expect(page.get_by_role("alert"), table).to_contain_text("tiny")
        shutil.copy2(kept, path)
        if page.get_by_role("button", name="One epoch back").count():
            page.get_by_role("button", name="One epoch back").click()
        else:  # without metrics there is no run to show, and so no step
            opened(page, f"{private_server.address}/?view=texts")
        if query == "page=layers":
            eventually(page, lambda: len(charts(page)) == 3)
        else:
            expect(page.get_by_text("1 to 20 of"), table).to_be_visible()
            expect(page.get_by_text("true NEG").first, table).to_be_visible()
        eventually(page, lambda: page.get_by_role("alert").count() == 0)


def test_a_checkpoint_that_is_deleted(page: Page, private_server: Served) -> None:
    checkpoint = private_server.folder / "artifacts" / "run=tiny" / "checkpoints" / "epoch=002.ckpt"
    kept = checkpoint.read_bytes()
    opened(page, private_server.address)
    checkpoint.unlink()
    typed(page, "another sentence")
    expect(page.get_by_role("alert")).to_contain_text("epoch=002.ckpt")
    checkpoint.write_bytes(kept)
    typed(page, "yet another sentence")
    expect(page.get_by_text("yet", exact=True).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_store_without_runs_names_the_command(page: Page, private_server: Served) -> None:
    shutil.rmtree(private_server.folder / "artifacts" / "run=tiny")
    opened(page, private_server.address)
    expect(page.get_by_text("make repro")).to_be_visible()
