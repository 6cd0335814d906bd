"""`panel serve viewer/app.py` in a browser: it draws without the network, and follows."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.charts import charts
from tests.browser.rows import explain
from tests.browser.serving import PATIENCE, Watched, eventually, opened, served_by_panel
from tests.project import Project


@pytest.fixture(scope="module")
def by_panel(browser: Browser, built: Project) -> Iterator[str]:
    with served_by_panel(built) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE * 1000)
        yield context.new_page()


def test_it_draws_all_of_a_page_and_asks_no_other_address(page: Page, by_panel: str) -> None:
    parts = urlsplit(by_panel)
    watched = Watched(page, [f"{parts.scheme}://{parts.netloc}"])
    explain(opened(page, by_panel), "a film that is not boring")
    expect(page.locator(".word")).to_have_count(4 * 6)
    page.get_by_role("button", name="Layers", exact=True).click()
    eventually(page, lambda: len(charts(page)) == 3)
    assert all(len(chart.x) == 60 for chart in charts(page))
    page.get_by_role("button", name="Training", exact=True).click()
    expect(page.get_by_text("Loss and accuracy")).to_be_visible(timeout=3000 * PATIENCE)  # nothing was read before
    assert not watched.faults
