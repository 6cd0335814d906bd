"""The rows of coloured words and the curve as the browser drew them; what a checkpoint says of prefixes, one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Locator, Page

from tests.browser.serving import eventually
from tests.stored import Stored

EPOCHS = [0, 1, 2, 3]  # of the tiny run

ROWS = """(holder) => [...holder.querySelectorAll('.row')].map((row) => ({
  key: row.querySelector('.head').dataset.head,
  cells: [...row.querySelectorAll('.cell')].map((cell) => cell.textContent.replaceAll('\\u200b', '')),
  text: [...(row.querySelector('.text')?.childNodes ?? [])]
    .filter((each) => each.className !== 'not-read').map((each) => (each.firstChild ?? each).textContent).join(''),
  strip: row.querySelector('.strip')?.getAttribute('aria-label') ?? '',
  current: row.classList.contains('current'),
  words: [...row.querySelectorAll('.word')].map((word) => ({
    text: word.firstChild.textContent, slot: Number(word.dataset.slot), left: word.getBoundingClientRect().left,
    sign: word.classList.contains('up') - word.classList.contains('down'),
    bar: parseFloat(word.style.getPropertyValue('--bar')) || 0, at: word.classList.contains('at'),
    color: getComputedStyle(word).backgroundColor.match(/[\\d.]+/g).map(Number),
  })),
}))"""

# The browser mixes the page's own colours, in OKLab: nothing of ours is asked.
MIXED = """(wanted) => {
  const pen = new OffscreenCanvas(1, 1).getContext('2d'), root = getComputedStyle(document.documentElement)
  const named = (name) => root.getPropertyValue(name).trim()
  return wanted.map((share) => {
    const [first, full] = share > 0 ? ['--raising-0', '--raising-1'] : ['--lowering-0', '--lowering-1']
    pen.fillStyle = share === 0 ? named('--neutral')
      : `color-mix(in oklab, ${named(full)} ${100 * Math.abs(share)}%, ${named(first)})`
    pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })
}"""

CURVE = """() => {
  let found = null
  const seen = (view) => {
    const span = view.model.type === 'Figure' && view.model.center.find((each) => each.name?.startsWith('cursor-'))
    if (span) found = {view, span}
    for (const child of view.children?.() ?? []) seen(child)
  }
  for (const root of Object.values(Bokeh.index)) seen(root)
  if (!found) return null
  const {view, span} = found, box = view.el.getBoundingClientRect(), frame = view.frame.bbox
  const lines = view.model.renderers.filter((each) => each.visible && each.glyph?.type === 'Line')
  return {
    lines: lines.map(({glyph, data_source}) => ({
      x: Array.from(data_source.data[glyph.x.field]), y: Array.from(data_source.data[glyph.y.field]),
      width: glyph.line_width.value ?? glyph.line_width,
    })),
    at: span.visible ? span.location : 0,
    left: box.x + frame.left, top: box.y + frame.top, width: frame.width, height: frame.height,
    start: view.model.x_range.start, end: view.model.x_range.end,
  }
}"""


@dataclass(frozen=True)
class DrawnWord:
    """A word: sign 1 with a bar above, -1 with one below, 0 grey; bar: its height in pixels; color: r, g, b."""

    text: str
    slot: int
    left: float
    sign: int
    bar: float
    at: bool
    color: list[float]


@dataclass(frozen=True)
class DrawnRow:
    """A row: what stands in front of it, its text as it is spelled, or of a strip what it is called."""

    key: str
    cells: list[str]
    text: str
    strip: str
    current: bool
    words: list[DrawnWord]

    @property
    def spelled(self) -> list[str]:
        return [word.text for word in self.words]

    @property
    def said(self) -> list[str]:
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True)
class DrawnCurve:
    """The chart under the words: its lines, the slot that is pointed at (0: none), its frame in pixels."""

    lines: list[dict[str, Any]]
    at: int
    left: float
    top: float
    width: float
    height: float
    start: float
    end: float

    def pixel(self, slot: float) -> tuple[float, float]:
        """The middle of the chart, above a slot."""
        return (
            self.left + (slot - self.start) / (self.end - self.start) * self.width,
            self.top + self.height / 2,
        )


def rows(page: Page) -> list[DrawnRow]:
    """The rows on the page, from top to bottom."""
    found = page.locator(".rows").first.evaluate(ROWS)
    return [DrawnRow(**row | {"words": [DrawnWord(**word) for word in row["words"]]}) for row in found]


def row(page: Page, key: str) -> DrawnRow:
    return next(each for each in rows(page) if each.key == key)


def word(page: Page, key: str, position: int) -> Locator:
    return page.locator(f".word[data-row='{key}'][data-position='{position}']")


def curve(page: Page) -> DrawnCurve:
    """The curve under the words; looking does not move the page."""
    found = page.evaluate(CURVE)
    assert found is not None, "there is no curve"
    return DrawnCurve(**found)


def number(text: str) -> float:
    """A number as a page writes it, with a true minus."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def typed(page: Page, text: str) -> None:
    """Type a sentence and have it explained."""
    page.get_by_label("Sentence", exact=True).fill(text)
    page.get_by_role("button", name="Explain").click()


def explain(page: Page, text: str) -> None:
    """Type a sentence and wait for its rows."""
    typed(page, text)
    shows(page, text)


def shows(page: Page, text: str, at: int = -1) -> None:
    """Wait until the row number `at` shows a text."""
    eventually(page, lambda: [each.text for each in rows(page)][at:][:1] == [text])


class Prefixes:
    """What the networks of a run say, one explicit prefix at a time."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.seen = {row["word"]: row for row in stored.rows("vocabulary")}

    def logits(self, epoch: int, words: Sequence[str]) -> np.ndarray:
        """(T + 1,) log-odds of the positive class after 0, 1, ..., T words."""
        network = self.stored.network(epoch)
        unknown = self.seen["<unknown>"]["token"]
        tokens = [self.seen[word.lower()]["token"] if word.lower() in self.seen else unknown for word in words]
        with torch.inference_mode():
            said = [network(torch.zeros(1, 1, dtype=torch.long), torch.tensor([0]))]
            said += [network(torch.tensor([tokens[:stop]]), torch.tensor([stop])) for stop in range(1, len(tokens) + 1)]
        return np.array([float(one) for one in said])

    def probabilities(self, epoch: int, words: Sequence[str]) -> np.ndarray:
        return 1 / (1 + np.exp(-self.logits(epoch, words)))


def shares(impacts: Sequence[np.ndarray], threshold: float = 0.1, alone: bool = False) -> list[np.ndarray]:
    """Of rows shown together, the signed share of the largest impact that each word should show; 0 for grey."""
    top = max(np.abs(row).max() for row in impacts)
    return [
        np.where(np.abs(row) > threshold * np.abs(row).max(), row / (np.abs(row).max() if alone else top), 0)
        for row in impacts
    ]


def assert_drawn(page: Page, expected: Sequence[np.ndarray], found: Sequence[DrawnRow]) -> None:
    """Every word has the sign, the bar and the colour of its share: one row of `expected` for each row."""
    assert len(expected) == len(found)
    mixed = iter(page.evaluate(MIXED, [float(share) for row in expected for share in row]))
    for wanted, drawn in zip(expected, found, strict=True):
        assert [each.sign for each in drawn.words] == np.sign(wanted).tolist(), drawn.key
        bars = np.where(wanted == 0, 0, 1 + 5 * np.abs(wanted))
        assert np.abs(np.array([each.bar for each in drawn.words]) - bars).max() < 0.06, drawn.key
        for each in drawn.words:
            assert np.abs(np.array(each.color[:3]) - next(mixed)).max() <= 2, (drawn.key, each.text)


def impacts(prefixes: Prefixes, spelled: list[str]) -> list[np.ndarray]:
    """Of these words at every checkpoint."""
    return [np.diff(prefixes.probabilities(epoch, spelled)) for epoch in EPOCHS]


def stored_impacts(stored: Stored, example: int, epoch: int) -> np.ndarray:
    """Of a review's words in their order, as the store has them."""
    found = {each["position"]: each["impact"] for each in stored.rows("impacts", example=example, epoch=epoch)}
    return np.array([found[position] for position in range(1, len(found))])


def verdict(probability: float) -> list[str]:
    """Label and confidence as the paper shows them."""
    return ["POS" if probability >= 0.5 else "NEG", f"confidence {abs(2 * probability - 1):.2f}"]
