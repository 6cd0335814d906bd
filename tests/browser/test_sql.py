"""Smoke."""

from playwright.sync_api import Page

from tests.browser.serving import Served, opened


def test_opens(server: Served, page: Page) -> None:
    opened(page, server.address)
    assert page.title() == "Unrolled"
