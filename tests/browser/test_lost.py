"""A server that ends while a page is open: the page says so, takes no clicks, and opens anew when there is a server."""

import re

from playwright.sync_api import Page, expect

from tests.browser.rows import explain
from tests.browser.serving import PATIENCE, Served, opened
from tests.project import Project


def test_a_page_whose_server_ends_says_so_and_opens_anew_with_the_same_view(page: Page, workshop: Project) -> None:
    with Served(workshop.folder) as first:
        explain(opened(page, first.address), "a fine film")
        page.wait_for_url("**text=a+fine+film**")
        port = first.address.rpartition(":")[2]
    assert "nanobind" not in first.log_at_end
    expect(page.get_by_role("alert")).to_have_text(re.compile("has ended, or cannot be reached"))
    expect(page.locator("main")).to_have_attribute("inert", "")
    with Served(workshop.folder, "--port", port):
        expect(page.get_by_role("alert")).to_have_count(0, timeout=PATIENCE * 1000)
        expect(page.locator(".word", has_text="fine").first).to_be_visible(timeout=PATIENCE * 1000)
        explain(page, "another one")
        page.wait_for_url("**text=another+one**")
