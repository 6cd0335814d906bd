"""What a chart drew while its points moved: every picture between an act and rest, as the browser held it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from tests.browser.charts import FIGURES
from tests.browser.serving import eventually

Floats = npt.NDArray[np.float64]

# Looks at the beginning of each of the browser's frames: there stands what the frame before it, at `at`, has painted.
WATCH = f"""(title) => {{
  const view = ({FIGURES})().find((each) => each.model.name === `map ${{title}}`)
  const drawn = view.model.renderers.find((renderer) => renderer.data_source.name === 'reviews')
  const {{data_source: source, glyph}} = drawn, {{x_range, y_range}} = view.model
  let before = performance.now(), seen = null
  window.pictures = []
  const look = (now) => {{
    if (source.data[glyph.x.field] !== seen) window.pictures.push({{
      at: before,
      x: Array.from(source.data[glyph.x.field]), y: Array.from(source.data[glyph.y.field]),
      colors: Array.from(source.data[glyph.fill_color.field]),
      axes: [x_range.start, x_range.end, y_range.start, y_range.end],
    }})
    seen = source.data[glyph.x.field]
    before = now
    requestAnimationFrame(look)
  }}
  look(before)
}}"""
# Puts into `seen` each epoch that the heading names, as it is drawn.
WATCH_HEADING = """() => {
  window.seen = []
  const found = (root) => {
    for (const each of root.querySelectorAll('*')) {
      const epoch = each.tagName === 'H2' && /^Epoch (\\d+) of/.exec(each.textContent)
      if (epoch) return Number(epoch[1])
      const within = each.shadowRoot && found(each.shadowRoot)
      if (Number.isInteger(within)) return within
    }
    return null
  }
  const look = () => {
    const epoch = found(document)
    if (epoch !== null && epoch !== seen.at(-1)) seen.push(epoch)
    requestAnimationFrame(look)
  }
  look()
}"""


@dataclass(frozen=True)
class Picture:
    """One picture of a chart: at in milliseconds, places (n, 2), a colour a point, the ends of both axes."""

    at: float
    places: Floats
    colors: list[str]
    axes: list[float]


def watched(page: Page, title: str, act: Callable[[], None]) -> list[Picture]:
    """The pictures of the map `title` from before `act` until its points have come to rest elsewhere."""
    page.evaluate(WATCH, title)
    act()
    counts: list[int] = []

    def at_rest() -> bool:
        counts.append(int(page.evaluate("window.pictures.length")))
        return len(counts) > 12 and counts[-1] > 1 and counts[-13:] == counts[-1:] * 13

    eventually(page, at_rest)
    return [
        Picture(each["at"], np.array([each["x"], each["y"]]).T, each["colors"], each["axes"])
        for each in page.evaluate("window.pictures")
    ]


def shares(pictures: list[Picture]) -> Floats:
    """How far along the straight way from the first to the last place the points are in each picture: 0 to 1.

    Fails unless all points are equally far along theirs.
    """
    begin, end = pictures[0].places, pictures[-1].places
    way = end - begin
    found = np.array([((each.places - begin) * way).sum() / (way**2).sum() for each in pictures])
    for picture, share in zip(pictures, found, strict=True):
        np.testing.assert_allclose(picture.places, begin + share * way, atol=1e-5)
    return found
