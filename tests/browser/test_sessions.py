"""Twenty people at one server at once: each types and selects, sees what is theirs, and nothing goes wrong."""

from playwright.sync_api import Browser

from tests.browser.serving import Served
from tests.browser.sessions import many, type_and_select

SESSIONS = 20
PATIENCE = 180.0  # seconds: twenty pages are drawn by one machine


def test_twenty_sessions_type_and_select_at_once(browser: Browser, server: Served) -> None:
    with many(browser, server, SESSIONS, PATIENCE) as pages:
        type_and_select(pages, PATIENCE)
