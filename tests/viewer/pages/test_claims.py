"""The page of claims: a card a claim, what to type where there are none, a damaged file, and mended again."""

import json
from pathlib import Path

import panel as pn
import pytest

from pipeline import store
from pipeline.claims.report import plain
from pipeline.errors import InputError
from pipeline.store import Run
from tests.report import REPORT
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.claims import Claims
from viewer.state import State


@pytest.fixture
def page(tmp_path: Path) -> Claims:
    source = Source(tmp_path)
    return Claims(State(source), Live(source))


def text(page: Claims) -> str:
    """All HTML on the page."""
    return "".join(pane.object for pane in page.view.select(pn.pane.HTML))


def test_a_card_for_every_claim(page: Claims, tmp_path: Path) -> None:
    store.claims(tmp_path).write_text(json.dumps(plain(REPORT)), encoding="utf-8")
    page.show()
    assert page.state.notice == ""
    assert len(page.view.objects) == 1 + len(REPORT.claims)
    assert "3. A title" in text(page)
    assert "&lt;b&gt;made-up&lt;/b&gt;" in text(page)
    assert len(list(page.view.select(pn.pane.HoloViews))) == 1
    before = list(page.view.objects)
    page.refresh({"run"})
    assert list(page.view.objects) == before, "the same file makes no new cards"
    assert "Not in this store: one_run. <code>make claims</code>" in text(page)
    run = Run("one_run", tmp_path)
    run.folder.mkdir()
    run.config.write_text("seed: 1", encoding="utf-8")
    page.refresh({"run"})
    assert "Here with other settings: one_run." in text(page), "a run that came is seen"


def test_without_claims_the_command_is_named(page: Claims) -> None:
    page.show()
    assert page.state.notice == ""
    assert "<code>make claims</code>" in text(page)


def test_a_damaged_file_is_said_and_the_page_goes_on_when_it_is_whole(page: Claims, tmp_path: Path) -> None:
    store.claims(tmp_path).write_text('{"about": "<b>"}', encoding="utf-8")
    page.show()
    assert "not a file of claims" in page.state.notice
    assert "not a file of claims" in text(page)
    with pytest.raises(InputError):
        page.refresh({"run"})
    store.claims(tmp_path).write_text(json.dumps(plain(REPORT)), encoding="utf-8")
    page.refresh({"run"})
    assert "3. A title" in text(page)
    store.claims(tmp_path).unlink()
    page.refresh({"run"})
    assert "make claims" in text(page)
