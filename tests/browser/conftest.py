"""The ground of the tests in a real browser: one server for all, a private one for tests that break files, a page.

A page that logs an error, asks any other address than the server's, or makes the server log a traceback fails its test.
Where no browser is installed these tests skip; with UNROLLED_BROWSER=required that is a failure.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.charts import LAYERS, charts
from tests.browser.rows import Prefixes
from tests.browser.serving import (
    BROWSERS,
    PATIENCE,
    SWITCHES,
    Served,
    Watched,
    browser_path,
    eventually,
    failures,
    opened,
)
from tests.project import Project
from tests.stored import Stored

expect.set_options(timeout=1000 * PATIENCE)
HERE = Path(__file__).parent
REQUIRED = os.environ.get("UNROLLED_BROWSER") == "required"
REFUSED = "net::ERR_CONNECTION_REFUSED"
ABSENT = f"no browser: none of {', '.join(BROWSERS)} is on the path; install Debian's package chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the fast ones tell first what is broken."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = browser_path()
    if path is None and REQUIRED:
        pytest.fail(ABSENT)
    if path is None:
        pytest.skip(ABSENT)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield found
        found.close()


@pytest.fixture(scope="session")
def server(browser: Browser, built: Project) -> Iterator[Served]:
    """The viewer of the tiny run. Shared: tests only look at its store."""
    with Served(built.folder) as served:
        yield served


@pytest.fixture
def private_server(browser: Browser, workshop: Project) -> Iterator[Served]:
    """A viewer of a private copy (`private_server.folder`): a test may change or break every file of it."""
    with Served(workshop.folder) as served:
        yield served


@pytest.fixture(scope="session")
def crowded(browser: Browser, crowd: Project) -> Iterator[Served]:
    """The viewer of the crowded run. Shared: tests only look at its store."""
    with Served(crowd.folder) as served:
        yield served


@pytest.fixture
def size() -> tuple[int, int]:
    """Width and height of the window; a test module may have another."""
    return 1280, 800


@pytest.fixture
def page(browser: Browser, size: tuple[int, int], request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page in a fresh browser profile: `opened(page, server.address)` shows the viewer in it."""
    servers: list[Served] = [
        request.getfixturevalue(name)
        for name in ("server", "private_server", "crowded")
        if name in request.fixturenames
    ]
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="no-preference")
    context.set_default_timeout(PATIENCE * 1000)
    found = context.new_page()
    watched = Watched(found, [served.address for served in servers])
    logged = [len(served.log()) for served in servers]
    yield found
    context.close()
    fresh = [served.log()[start:] for served, start in zip(servers, logged, strict=True)]
    may_end = request.node.get_closest_marker("server_ends") is not None
    faults = [fault for fault in watched.faults if not (may_end and REFUSED in fault)]
    assert not faults, "\n".join(faults)
    assert not any(failures(log) for log in fresh), "\n".join(fresh)


@pytest.fixture
def layers(page: Page, server: Served) -> Page:
    """The page Layers of the tiny run, its three maps drawn."""
    opened(page, f"{server.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    return page


@pytest.fixture
def words(page: Page, server: Served) -> Page:
    """The page Words of the tiny run."""
    return opened(page, server.address)


@pytest.fixture
def prefixes(stored: Stored) -> Prefixes:
    return Prefixes(stored)
