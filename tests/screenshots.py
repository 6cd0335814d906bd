"""python -m tests.screenshots: the README's pictures of the viewer, drawn anew from the run `paper` in Chromium.

Writes docs/screenshots/*.png. Each picture is a link to the view that it shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, expect, sync_playwright

from pipeline import store
from pipeline.errors import InputError, told_in_one_line
from tests.browser.charts import charts
from tests.browser.serving import BROWSERS, SWITCHES, Served, browser_path, eventually, opened

FOLDER = Path("docs/screenshots")
RUN = "paper"
LARGEST = 250_000  # bytes of a picture
QUESTION = (
    "SELECT epoch, round(avg(impact), 4) AS mean_impact\nFROM elements JOIN impacts USING (run, example, position)\n"
    "WHERE run = 'paper' AND lower(element) = 'boring' GROUP BY epoch ORDER BY epoch"
)


def settled(page: Page) -> None:
    """Nothing more to do: the page is shown already."""


def drawn(page: Page) -> None:
    eventually(page, lambda: len(charts(page)) >= 3)


def hovered(page: Page) -> None:
    """Point at the review farthest right on the second map."""
    drawn(page)
    chart = charts(page)[1]
    page.mouse.move(*chart.point(max(range(len(chart.x)), key=chart.x.__getitem__)))
    expect(page.locator(".review li").first).to_be_visible()


def asked(page: Page) -> None:
    expect(page.get_by_text("rows in")).to_be_visible(timeout=30_000)
    page.get_by_label("Draw", exact=True).select_option("a line")
    expect(page.locator(".bk-Figure").first).to_be_visible()


@dataclass(frozen=True)
class Picture:
    """A view by its link, what to wait for or to do there, and the window."""

    name: str
    query: dict[str, str]
    ready: Callable[[Page], None] = drawn
    width: int = 1280
    height: int = 800


PICTURES = (
    Picture("words", {}),
    Picture("review", {"example": "25923", "epoch": "6"}),
    Picture("layers", {"page": "layers", "selection": "wrong"}, hovered),
    Picture("layers-dark", {"page": "layers", "theme": "dark", "palette": "safe"}, hovered),
    Picture("training", {"page": "training", "epoch": "5"}),
    Picture("runs", {"page": "runs"}, settled),
    Picture("claims", {"page": "claims"}, settled),
    Picture("left-out", {"text": "The plot is thin, but the acting is not bad at all", "without": "yes"}),
    Picture("sql", {"page": "sql", "sql": QUESTION}, asked),
    Picture("words-narrow", {}, width=480),
)


def take() -> None:
    path = browser_path()
    if path is None:
        raise InputError(f"no browser: none of {', '.join(BROWSERS)} is on the path; install Debian's package chromium")
    if RUN not in store.runs():
        raise InputError(f"run {RUN!r} is not built; build it first: make repro")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Served(Path()) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        for picture in PICTURES:
            window = {"width": picture.width, "height": picture.height}
            page = browser.new_page(viewport=window, reduced_motion="reduce")  # type: ignore[arg-type]
            opened(page, f"{served.address}/?{urlencode(picture.query)}")
            picture.ready(page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{picture.name}.png", animations="disabled")
            size = (FOLDER / f"{picture.name}.png").stat().st_size
            print(f"{FOLDER}/{picture.name}.png, {size / 1000:.0f} KB", flush=True)
            assert size <= LARGEST, f"{picture.name} is larger than {LARGEST / 1000:.0f} KB"
            page.close()
        browser.close()


if __name__ == "__main__":
    with told_in_one_line():
        take()
