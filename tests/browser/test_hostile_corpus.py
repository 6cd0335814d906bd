"""A corpus whose texts, ids, labels and columns hold markup that would run: where it is shown it is text."""

from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.pointing import alone
from tests.browser.serving import Served, eventually, opened
from tests.project import Project
from tests.stored import Stored
from tests.viewer.twins import turn, twin

MARK = "window.harmed"
IMAGE = f"<img src=nowhere onerror='{MARK}=1'>"
ATTACK = f"{IMAGE}<script>{MARK}=1</script>"
KINDS = {f"{IMAGE}neg": "bad", f"{IMAGE}pos": "good"}  # {label: the word of its reviews}
# {where: what shows some of the corpus there}
STOPS = {
    "view=texts": ".word",
    f"view=compare&text={quote(ATTACK)}&second={quote(IMAGE)}": ".word",
    f"page=layers&selection=wrong&color={quote(IMAGE)}colour": ".tabulator-cell",
    "page=training": ".item",
    f"page=sql&sql={quote('SELECT * FROM examples JOIN classes USING (run)')}": ".tabulator-cell",
    f"page=sql&sql={quote('SELECT attributes FROM examples')}": ".tabulator-cell",
}


@pytest.fixture
def first(private_server: Served, workshop: Project, monkeypatch: pytest.MonkeyPatch) -> int:
    """The first mapped example of the run `hostile`, which the server's store holds then."""
    table = [
        {"id": f"{ATTACK}{number}{word}", "text": f"film {number} is {word} {ATTACK}", "label": label,
         f"{IMAGE}colour": f"{IMAGE}{number % 3}"}
        for number in range(120)
        for label, word in KINDS.items()
    ]  # fmt: skip
    file = Path("hostile.parquet")
    pq.write_table(pa.Table.from_pylist(table), workshop.folder / file)
    result = workshop.command(
        "pipeline", "run=tiny", "name=hostile", "corpus=table", f"corpus.file={file}", "corpus.id=id",
        "corpus.text=text", "corpus.test=0.3", "corpus.vocabulary=500", "corpus.max_length=12", "maps.examples=40",
        "faithfulness.examples=0",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    monkeypatch.chdir(workshop.folder)
    twin(workshop.artifacts, Stored("hostile").config, name="other")
    turn(workshop.artifacts, 2, name="other")
    return int(Stored("hostile").mapped[0]["example"])


def assert_text(page: Page, where: str) -> None:
    assert page.evaluate(f"() => {MARK} === undefined"), where
    assert page.locator("img[src=nowhere]").count() == 0, where


def test_what_a_corpus_holds_is_text_wherever_it_is_shown(page: Page, private_server: Served, first: int) -> None:
    address = f"{private_server.address}/?run=hostile"
    for query, shown in STOPS.items():
        opened(page, f"{address}&{query}")
        expect(page.locator(shown, has_text="onerror").first, query).to_be_visible()
        assert_text(page, query)
    opened(page, f"{address}&page=claims")
    assert_text(page, "claims")
    opened(page, f"{address}&page=runs")
    titles = page.locator(".tabulator-col-title", has_text="onerror")
    expect(titles).to_have_text([f"{run}: probability of {IMAGE.upper()}POS" for run in ("hostile", "other")])
    expect(page.locator(".tabulator-cell", has_text="onerror").first).to_be_visible()
    assert_text(page, "runs")
    opened(page, f"{address}&example={first}")
    expect(page.locator(".word", has_text="onerror").first).to_be_visible()
    assert_text(page, "a stored review")
    opened(page, f"{address}&page=layers&selection=right")
    eventually(page, lambda: len(charts(page)) == 3)
    page.mouse.move(*charts(page)[1].point(alone(charts(page)[1])[0]))
    expect(page.locator(".review")).to_contain_text(f"Review {ATTACK}")
    assert_text(page, "a review pointed at")
    page.get_by_label("Find a review by its id").press_sequentially("script")
    expect(page.locator(".bk-menu > div", has_text="onerror").first).to_be_visible()
    assert_text(page, "ids found")
