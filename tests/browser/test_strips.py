"""Long texts: one checkpoint in full, the others as strips of cells; held to explicit prefixes, read one by one."""

import shutil
from collections.abc import Iterator
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.rows import EPOCHS, MIXED, Prefixes, assert_drawn, rows, shares, verdict, word
from tests.browser.serving import Served, eventually, opened
from tests.project import Project

WIDE = "wide"  # the tiny run's networks, reading up to 80 words


@pytest.fixture(scope="module")
def server(browser: Browser, built: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The viewer of the tiny run and of the same networks under a config that reads long texts."""
    folder = tmp_path_factory.mktemp("two") / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    project = Project(folder)
    shutil.copytree(project.results, project.artifacts / f"run={WIDE}")
    project.edit(f"artifacts/run={WIDE}/config.yaml", "max_length: 12", "max_length: 80")
    project.edit(f"artifacts/run={WIDE}/config.yaml", "name: tiny", f"name: {WIDE}")
    with Served(folder) as served:
        yield served


def test_a_long_text_is_written_out_once_and_stands_as_strips_elsewhere(
    words: Page, server: Served, prefixes: Prefixes
) -> None:
    spelled = ["not", "boring", "but", "so", "good", "this", "phone", "is", "great"] * 5
    explicit = {epoch: prefixes.probabilities(epoch, spelled) for epoch in EPOCHS}
    opened(words, f"{server.address}/?run={WIDE}&text={quote(' '.join(spelled))}")
    *strips, written = rows(words)
    assert [each.cells[0] for each in strips] == ["Epoch 0", "Epoch 1", "Epoch 2"]
    assert (written.cells[0], written.spelled, written.strip) == ("Epoch 3", spelled, "")
    crossings = []
    for epoch, strip in enumerate(strips):
        assert strip.said == [f"Epoch {epoch}", *verdict(explicit[epoch][-1])]
        sides = explicit[epoch] >= 0.5
        crossings.append(max((t for t in range(1, 46) if sides[t] != sides[t - 1]), default=0))
        crossed = f"the last crossing of one half is at word {crossings[-1]}, {spelled[crossings[-1] - 1]}"
        assert strip.strip.endswith(crossed if crossings[-1] else "never crosses one half")
    assert any(crossings), "a text that crosses one half is needed here"
    expect(words.get_by_text("last crossing of 0.5")).to_be_visible()
    assert_drawn(words, shares([np.diff(explicit[epoch]) for epoch in EPOCHS])[3:], [written])
    pixels = words.locator(".strip canvas").evaluate_all(STRIP_COLORS)
    wanted = words.evaluate(MIXED, [float(s) for one in shares([np.diff(explicit[e]) for e in EPOCHS]) for s in one])
    for epoch, found in enumerate(pixels):
        for position, color in enumerate(found, 1):
            assert np.abs(np.array(color) - wanted[45 * epoch + position - 1]).max() <= 2, (epoch, position)
        if crossings[epoch]:
            assert marked(words, epoch, crossings[epoch]), "the crossing is not marked"
    point_at_strip(words, 1, 30)
    expect(words.locator(".details .where")).to_contain_text("word 30 of 45 · Epoch 1, ")
    expect(words.locator(".details .shown")).to_have_text(spelled[29])
    eventually(words, lambda: [each.at for each in rows(words)[3].words].index(True) == 29)
    word(words, "epoch-3", 7).hover()
    cursor = words.locator(".strip .cursor.at").first
    eventually(words, lambda: slot_of(words, cursor.bounding_box()) == 7)
    words.locator("[data-head='epoch-1']").click()
    eventually(words, lambda: [each.cells[0] for each in rows(words) if not each.strip] == ["Epoch 1"])
    expect(words.locator("header")).to_contain_text("Epoch: 1")


# The colour of each cell of a strip: at the middle of the cell, just inside its upper edge, where no bar reaches.
STRIP_COLORS = """(all) => all.map((canvas) => {
  const pen = canvas.getContext('2d'), cell = canvas.width / 45
  return Array.from({length: 45}, (_, i) => [...pen.getImageData((i + 0.25) * cell, 4, 1, 1).data.slice(0, 3)])
})"""


def strip_box(page: Page, epoch: int) -> dict[str, float]:
    box = page.locator(f".strip[data-strip='epoch-{epoch}']").bounding_box()
    assert box is not None
    return dict(box)


def point_at_strip(page: Page, epoch: int, position: int) -> None:
    box = strip_box(page, epoch)
    page.mouse.move(box["x"] + (position - 0.5) / 45 * box["width"], box["y"] + 12)


def slot_of(page: Page, box: object) -> int:
    """Over which word of the first strip a box stands; 0 if there is none."""
    if not isinstance(box, dict):
        return 0
    strip = strip_box(page, 0)
    return round((box["x"] + box["width"] / 2 - strip["x"]) / strip["width"] * 45 + 0.5)


def marked(page: Page, epoch: int, position: int) -> bool:
    """Whether the page's text colour stands above the middle of a strip's cell."""
    return bool(
        page.locator(f".strip[data-strip='epoch-{epoch}'] canvas").evaluate(
            """(canvas, position) => {
          const [r, g, b, a] = canvas.getContext('2d').getImageData((position - 0.5) / 45 * canvas.width, 1, 1, 1).data
          return a > 200 && Math.max(r, g, b) < 80
        }""",
            position,
        )
    )
