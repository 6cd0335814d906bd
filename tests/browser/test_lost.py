"""A server that ends while a page is open: the page says so, takes no clicks, and opens anew when there is a server."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.rows import explain
from tests.browser.serving import PATIENCE, Served, opened


@pytest.mark.server_ends
def test_a_page_whose_server_ends_says_so_and_opens_anew_with_the_same_view(page: Page, private_server: Served) -> None:
    explain(opened(page, private_server.address), "a fine film")
    page.wait_for_url("**text=a+fine+film**")
    private_server.__exit__(None, None, None)
    assert "nanobind" not in private_server.log()
    expect(page.get_by_role("alert")).to_have_text(re.compile("has ended, or cannot be reached"))
    expect(page.locator("main")).to_have_attribute("inert", "")
    with Served(private_server.folder, "--port", private_server.address.rpartition(":")[2]):
        expect(page.get_by_role("alert")).to_have_count(0, timeout=PATIENCE * 1000)
        expect(page.locator(".word", has_text="fine").first).to_be_visible(timeout=PATIENCE * 1000)
        explain(page, "another one")
        page.wait_for_url("**text=another+one**")
