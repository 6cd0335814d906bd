"""Many browser sessions on one viewer at once, and the memory of its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.charts import around, charts, lasso
from tests.browser.serving import IDLE, PATIENCE, Served, Watched, eventually, failures

LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart


@contextmanager
def many(browser: Browser, served: Served, count: int, patience: float = PATIENCE) -> Iterator[list[Page]]:
    """`count` pages, each a session of its own, all asked for before the first is there.

    At the end all are closed; fails where one complained or the server logged an error.
    """
    logged = len(served.log())
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(1000 * patience)
    pages = [context.new_page() for _ in range(count)]
    watched = [Watched(page, [served.address]) for page in pages]
    for page in pages:
        page.goto(served.address, wait_until="commit")
    for page in pages:
        page.wait_for_function(IDLE)
        eventually(page, lambda page=page: len(charts(page)) == 3, patience)  # type: ignore[misc]
    yield pages
    context.close()
    faults = [fault for one in watched for fault in one.faults]
    assert not faults, "\n".join(faults)
    assert not failures(served.log()[logged:]), served.log()[logged:]


def typed(page: Page, text: str) -> None:
    """Put a sentence in hand without waiting for what becomes of it."""
    page.get_by_label("Sentence", exact=True).fill(text)
    page.get_by_role("button", name="Explain").click()


def selected(page: Page, title: str) -> list[int]:
    """Select the left half of a map; the rows that must be selected then, in all maps."""
    chart = next(chart for chart in charts(page) if chart.title == title)
    lasso(page, around(chart, *LEFT))
    return chart.inside(*LEFT)


def type_and_select(pages: list[Page], patience: float = PATIENCE) -> None:
    """In every page another sentence and a lasso on another map; fails unless each shows its own."""
    texts = [f"the film number {number} is boring" for number in range(len(pages))]
    for page, text in zip(pages, texts, strict=True):
        typed(page, text)
    titles = [chart.title for chart in charts(pages[0])]
    rows = []
    for number, page in enumerate(pages):
        page.bring_to_front()
        rows.append(selected(page, titles[number % len(titles)]))
    for page, text, expected in zip(pages, texts, rows, strict=True):
        expect(page.get_by_text(f"“{text}”").first).to_be_visible(timeout=1000 * patience)
        eventually(
            page,
            lambda page=page, expected=expected: [sorted(each.selected) for each in charts(page)] == [expected] * 3,  # type: ignore[misc]
            patience,
        )
        expect(page.get_by_text(f"{len(expected)} of ").first).to_be_visible(timeout=1000 * patience)


def memory(served: Served) -> float:
    """What the server's process holds in memory (resident), in MiB."""
    lines = Path(f"/proc/{served.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
