"""How the linked maps look, pixel by pixel: rings, greys, the sentence, even units, and where their details stand."""

from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import LAYERS, Pixels, around, charts, column, lasso, picture
from tests.browser.pointing import Pointed, alone
from tests.browser.serving import Served, eventually, opened
from tests.stored import Stored

LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart
RING, DASHED = 5.5, 8.5  # radius in pixels, of points of 6 pixels
# What of the details lies over a chart.
OVER = """() => {
  const box = (element) => element.getBoundingClientRect()
  const all = (root) => [...root.querySelectorAll('*')]
    .flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])])
  const found = all(document), details = box(found.find((each) => each.matches('.pointed')))
  const seen = box(found.find((each) => each.matches('.charts')))
  return found.filter((each) => each.matches('.chart')).map(box).map(({left, right, top, bottom}) => ({
    left, right, top: Math.max(top, seen.top), bottom: Math.min(bottom, seen.bottom)}))
    .filter((one) => one.bottom > one.top && one.bottom > details.top + 1 && one.top < details.bottom - 1)
}"""

MIDDLE = """() => {
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()])
  const source = models.find((model) => model.name === 'sentence')
  const middle = source.data.x_l0.map(() => 0)
  source.data = {...source.data, x_l0: middle, y_l0: middle}
}"""


def test_rings_and_dashed_rings_can_be_seen_and_the_legend_says_what_they_are(layers: Page, stored: Stored) -> None:
    """The pixels on each ring, above the points that lie there, are not what they were."""
    chart, pointed = charts(layers)[1], Pointed(layers, stored, number=1, epoch=3)
    row = pointed.telling(alone(chart))
    before = picture(layers)
    layers.mouse.move(*chart.point(row))
    pointed.assert_told(row)
    after = picture(layers)
    for others, radius in ((pointed.neighbours(row), RING), (pointed.only_on_the_map(row), DASHED)):
        for other in others:
            x, y = chart.point(other)
            turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
            at = np.rint([y + radius * np.sin(turns), x + radius * np.cos(turns)]).astype(int)
            changed = (before[*at] != after[*at]).any(axis=1).mean()
            assert changed > 0.3, f"no ring of {radius} pixels around {other}: {changed:.0%}"
    for shape in (".ring:not(.dashed)", ".ring.dashed"):
        expect(layers.locator(f".legend .item:has({shape})").first).to_be_visible()
    expect(layers.locator(".item", has_text="on the map only").first).to_be_visible()
    expect(layers.locator(".item", has_text="nearest in the layer").first).to_be_visible()


@pytest.mark.parametrize("size", [(1280, 800), (420, 800)], ids=str)
def test_a_unit_is_as_long_upwards_as_across_at_any_size_and_zoom(page: Page, server: Served) -> None:
    opened(page, f"{server.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    assert_even(page)
    before = charts(page)[1].high
    charted(page, 1)
    page.mouse.move(*charts(page)[1].pixel(0.5, 0.25))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    eventually(page, lambda: charts(page)[1].high != before)
    assert_even(page)


def assert_even(page: Page) -> None:
    for chart in charts(page):
        across, up = (high - low for low, high in zip(chart.low, chart.high, strict=True))
        assert chart.width / across == pytest.approx(chart.height / up, rel=0.02), chart.title


@pytest.mark.parametrize("size", [(420, 800)], ids=str)
def test_in_a_narrow_window_details_stand_below_the_charts_and_cover_no_point(page: Page, server: Served) -> None:
    """Whichever review of whichever chart is pointed at, it and what is told of it are both in sight."""
    opened(page, f"{server.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    ids = column(page, "reviews", "id")
    for number in range(3):
        for end in (0, -1):
            row = sorted(alone(charts(page)[number]), key=lambda row: charts(page)[number].y[row])[end]
            charted(page, number)
            page.mouse.move(*charts(page)[number].point(row))
            expect(page.locator(".review")).to_contain_text(f"Review {ids[row]},")
            assert page.evaluate(OVER) == [], "details lie over a chart"
            top, bottom = page.locator(".pointed").evaluate("(box) => [box.getBoundingClientRect().top, innerHeight]")
            assert charts(page)[number].point(row)[1] < top < bottom - 100
    tall, window = page.locator(".maps").evaluate("(box) => [box.getBoundingClientRect().height, innerHeight]")
    assert tall <= window


def charted(page: Page, number: int) -> None:
    """Scroll until the whole chart is in sight."""
    page.locator(".maps").evaluate("(box) => box.scrollIntoView({block: 'start'})")
    page.locator(".chart").nth(number).evaluate("(box) => box.scrollIntoView({block: 'start'})")
    eventually(page, lambda: charts(page)[number].top >= 0)


def test_what_is_not_selected_is_grey(page: Page, server: Served) -> None:
    """Not a pixel right of a selected left half has a colour; before, many had. Without a sentence, which is blue."""
    layers = opened(page, f"{server.address}/{LAYERS}&text=")
    eventually(layers, lambda: len(charts(layers)) == 3)
    chart = charts(layers)[0]
    (left, top), (right, bottom) = chart.pixel(0.35, 2.5), chart.pixel(2.5, -2.5)
    area = np.s_[round(top) : round(bottom), round(left) : round(right)]
    assert (colourfulness(picture(layers)[area]) > 40).mean() > 0.003
    lasso(layers, around(chart, *LEFT))
    eventually(layers, lambda: sorted(charts(layers)[0].selected) == chart.inside(*LEFT))
    layers.mouse.move(5, 5)
    eventually(layers, lambda: colourfulness(picture(layers)[area]).max() < 16)


def colourfulness(pixels: Pixels) -> np.ndarray:
    """How far red, green and blue of each pixel lie apart."""
    return np.ptp(pixels.astype(int), axis=-1)


@pytest.mark.parametrize("hollow", [False, True], ids=["like a review", "unlike any"])
def test_the_sentence_is_a_blue_diamond_and_hollow_where_it_is_unlike_any_review(
    page: Page, server: Served, stored: Stored, hollow: bool
) -> None:
    text = unlike_any(stored) if hollow else stored.mapped[0]["text"]
    opened(page, f"{server.address}/{LAYERS}&{urlencode({'text': text})}")
    eventually(page, lambda: len(charts(page)) == 3)
    eventually(page, lambda: column(page, "sentence", "f_l0", "diamond") == [0.0 if hollow else 1.0])
    expect(page.locator(".item", has_text="your sentence")).to_be_visible()
    expect(page.locator(".item", has_text="unlike any mapped review")).to_have_count(int(hollow))
    expect(page.get_by_text("Your sentence is unlike any mapped review.").first).to_be_visible(visible=hollow)
    user = page.evaluate("() => getComputedStyle(document.documentElement).getPropertyValue('--user').trim()")
    blue = np.array([int(user[i : i + 2], 16) for i in (1, 3, 5)])
    chart = charts(page)[0]
    page.evaluate(MIDDLE)  # the sentence in the midst of the chart, wherever its place may be
    x, y = (round(place) for place in chart.pixel(0, 0))
    eventually(page, lambda: is_blue(picture(page), blue)[y - 12 : y + 12, x - 10 : x + 10].any())
    pixels = picture(page)
    assert is_blue(pixels, blue)[y - 1 : y + 2, x - 1 : x + 2].all() == (not hollow)
    outline = is_blue(pixels, blue)[y - 12 : y, x - 1 : x + 2].any(axis=1)
    assert outline.any()
    # The halo: between the diamond and what lies around it.
    surface = pixels[round(chart.top) + 3, round(chart.left) + 3]
    tip = y - 12 + int(np.flatnonzero(outline)[0])
    assert (np.abs(pixels[tip - 2, x].astype(int) - surface.astype(int)) < 8).all()
    # Nothing else on this chart is blue.
    everywhere = is_blue(pixels, blue)[
        round(chart.top) : round(chart.top + chart.height), round(chart.left) : round(chart.left + chart.width)
    ]
    rows, columns = np.nonzero(everywhere)
    assert np.abs(rows + round(chart.top) - y).max() <= 12
    assert np.abs(columns + round(chart.left) - x).max() <= 12


def is_blue(pixels: Pixels, blue: np.ndarray) -> np.ndarray:
    return np.abs(pixels.astype(int) - blue).max(axis=-1) < 60


def unlike_any(stored: Stored) -> str:
    """A word whose vector lies farther from all mapped reviews' than 95 in 100 of those from their nearest."""
    weights = stored.network(3).get_submodule("embedding").state_dict()["weight"].numpy()
    mapped = np.array([row["vector"] for row in stored.rows("vectors", epoch=3, layer="embedding")])
    usual = np.percentile([row["distance"] for row in stored.rows("neighbors", epoch=3, layer="embedding", rank=1)], 95)
    known = [row for row in stored.rows("vocabulary") if row["word"].isalpha()]
    away = [np.linalg.norm(mapped - weights[row["token"]], axis=1).min() for row in known]
    assert max(away) > 1.2 * usual
    return str(known[int(np.argmax(away))]["word"])
