"""The viewer as the real command serves it, in a real browser: the first page, a selection, many sessions at once.

Data is what the server sends over the websocket, uncompressed, of which the documents are all but a few messages;
scripts and styles, the same for every session, are not counted.
"""

import sys
from pathlib import Path
from statistics import median
from time import monotonic

from playwright.sync_api import Browser, WebSocket, sync_playwright

from pipeline.store import Run
from tests.bench.measure import Result
from tests.bench.painted import selecting
from tests.browser.charts import FIGURES, charts
from tests.browser.serving import SWITCHES, UNCHECKED, Served, browser_path, eventually
from tests.browser.sessions import many, memory, type_and_select

RUN = "paper"
TURNS = 7
SESSIONS = 20
PATIENCE = 180.0  # seconds
KEPT = 25.0  # seconds after which the server has dropped closed sessions
SETTLED = 10.0  # seconds without less memory

# Whether three maps are drawn, and an element that says this and nothing else.
DRAWN = f"""(word) => {{
  const all = (root) => [...root.querySelectorAll('*')]
    .flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])])
  return window.Bokeh && Bokeh.documents.length > 0 && ({FIGURES})().length >= 3
    && Bokeh.documents.every((each) => each.is_idle)
    && all(document).some((each) => each.textContent.trim() === word && each.getClientRects().length > 0)
}}"""


def measure() -> list[Result]:
    path = browser_path()
    if path is None or not Run(RUN).has("maps"):
        reason = "no browser is installed" if path is None else f"the run {RUN} is not built"
        print(f"{reason}: the claims of pages are not measured", file=sys.stderr)
        return []
    with Served(Path(), variables=UNCHECKED) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        try:
            return [*first_pages(browser, served), *selections(browser, served), *sessions(browser, served)]
        finally:
            browser.close()


def opened(browser: Browser, address: str, word: str = "boring") -> tuple[float, int]:
    """Seconds from asking a new session until three maps and a word are drawn, and the bytes of data that came."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    received: list[int] = []
    page.on("websocket", lambda socket: count(socket, received))
    start = monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_function(DRAWN, arg=word, timeout=1000 * PATIENCE)
    took = monotonic() - start
    context.close()
    return took, sum(received)


def count(socket: WebSocket, received: list[int]) -> None:
    socket.on(
        "framereceived", lambda frame: received.append(len(frame if isinstance(frame, bytes) else frame.encode()))
    )


def first_pages(browser: Browser, served: Served) -> list[Result]:
    opened(browser, served.address)  # the networks are loaded, the browser's code is compiled
    found = [opened(browser, served.address) for _ in range(TURNS)]
    _, layers = opened(browser, f"{served.address}/?page=layers", "The selection")
    how = f"new session on a warm server, words and maps drawn, median of {TURNS}"
    return [
        Result("first page", median(took for took, _ in found), 2.0, "s", how),
        Result("data of the first page", median(size for _, size in found) / 1e6, 1.0, "MB", "500 mapped reviews"),
        Result("data of the page Layers", layers / 1e6, 1.0, "MB", "500 mapped reviews"),
    ]


def selections(browser: Browser, served: Served) -> list[Result]:
    """A lasso with the connection held back: nothing reaches the server, nothing comes from it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    held: list[object] = []
    open_line = True

    def between(route: object) -> None:
        line = route.connect_to_server()  # type: ignore[attr-defined]
        route.on_message(lambda message: line.send(message) if open_line else held.append(message))  # type: ignore[attr-defined]
        line.on_message(lambda message: route.send(message))  # type: ignore[attr-defined]

    page.route_web_socket("**/ws*", between)
    page.goto(f"{served.address}/?page=layers")
    eventually(page, lambda: len(charts(page)) == 3, PATIENCE)
    page.wait_for_function("() => Bokeh.documents[0].is_idle")
    open_line = False
    times = [selecting(page, turn % 3, PATIENCE) for turn in range(TURNS)]
    context.close()
    detail = f"mouse up to three maps painted, no message passed on, median of {len(times)}"
    return [Result("a selection repaints, in the browser alone", median(times), 500, "ms", detail)]


def sessions(browser: Browser, served: Served) -> list[Result]:
    """Two rounds of sessions that type and select; what the second leaves in memory over the first."""
    left, took, mistakes = [], [], []
    for _ in range(2):
        start = monotonic()
        try:
            with many(browser, served, SESSIONS, PATIENCE) as pages:
                type_and_select(pages, PATIENCE)
                took.append(monotonic() - start)
        except AssertionError as mistake:
            mistakes.append(mistake)
            print(mistake, file=sys.stderr)
        left.append(lowest(browser, served))
    spent = ", ".join(f"{each:.0f}" for each in took) or "none ended"
    return [
        Result(
            f"{SESSIONS} sessions at once", len(mistakes), 0, "errors", f"each typed and selected; seconds: {spent}"
        ),
        Result(
            "memory left by closed sessions",
            (left[1] - left[0]) / SESSIONS,
            1.0,
            "MiB a session",
            f"server's process after the second {SESSIONS} over after the first, {left[0]:,.0f} MiB",
        ),
    ]


def lowest(browser: Browser, served: Served) -> float:
    """The memory once the closed sessions are dropped and it has stopped to fall, in MiB."""
    waiting = browser.new_page()
    begun = least_at = monotonic()
    least = memory(served)
    while monotonic() < max(begun + KEPT, least_at + SETTLED):
        waiting.wait_for_timeout(500)
        if memory(served) < least:
            least, least_at = memory(served), monotonic()
    waiting.close()
    return least
