"""More points than travel with all that is known of them: lasso, hover, click, a sentence; with WebGL and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import LAYERS, around, charts, column, lasso, picture, rings
from tests.browser.pointing import Pointed, alone
from tests.browser.serving import Served, eventually, opened
from tests.project import Project
from tests.stored import Stored

LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart
NO_WEBGL = """const plain = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : plain.call(this, kind, ...more)
}"""
# By its name, as software draws WebGL wherever the tests run.
GRAPHICS_CARD = """for (const kind of [WebGLRenderingContext, WebGL2RenderingContext]) {
  const plain = kind.prototype.getParameter, name = 0x9246  // UNMASKED_RENDERER_WEBGL
  kind.prototype.getParameter = function (asked) { return asked === name ? "A graphics card" : plain.call(this, asked) }
}"""
WEBGL = "document.createElement('canvas').getContext('webgl') !== null"


@pytest.fixture
def many(crowd: Project, monkeypatch: pytest.MonkeyPatch) -> Stored:
    monkeypatch.chdir(crowd.folder)
    return Stored("crowd")


@pytest.fixture(params=[GRAPHICS_CARD, "", NO_WEBGL], ids=["webgl", "webgl by software", "no webgl"])
def layers(page: Page, crowded: Served, request: pytest.FixtureRequest) -> Page:
    """What software draws is drawn without WebGL."""
    if request.param:
        page.add_init_script(request.param)
    opened(page, f"{crowded.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    assert page.evaluate(WEBGL) == (request.param == GRAPHICS_CARD)
    return page


def drawn(page: Page, number: int) -> float:
    """The share of a chart's pixels that are not its background."""
    chart = charts(page)[number]
    top, left = round(chart.top) + 2, round(chart.left) + 2
    pixels = picture(page)[top : top + int(chart.height) - 4, left : left + int(chart.width) - 4].reshape(-1, 3)
    return float((pixels != pixels[0]).any(axis=1).mean())


def test_no_chart_is_blank_and_a_lasso_selects_in_all(layers: Page) -> None:
    for number in range(3):
        eventually(layers, lambda number=number: drawn(layers, number) > 0.02)
    chart = charts(layers)[1]
    expected = chart.inside(*LEFT)
    assert 100 < len(expected) < len(chart.x)
    lasso(layers, around(chart, *LEFT))
    eventually(layers, lambda: [sorted(each.selected) for each in charts(layers)] == [expected] * 3)
    expect(layers.get_by_text(f"{len(expected):,} of {len(chart.x):,}").first).to_be_visible()


def test_neighbours_and_texts_come_when_a_review_is_pointed_at(layers: Page, many: Stored) -> None:
    pointed = Pointed(layers, many, number=1, epoch=1)
    chart = charts(layers)[1]
    rows = alone(chart)
    for row in (rows[-1], rows[0], pointed.telling(rows)):
        layers.mouse.move(*chart.point(row))
        pointed.assert_told(row)
        pointed.assert_drawn(row)
    layers.mouse.move(5, 5)
    pointed.assert_nothing_drawn()


def test_a_kept_review_has_the_neighbours_of_the_epoch_shown(page: Page, crowded: Served, many: Stored) -> None:
    opened(page, f"{crowded.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    chart = charts(page)[2]
    examples = column(page, "reviews", "example")
    row = min(chart.inside(-2.4, -2.4, 2.4, 2.4), key=lambda row: chart.x[row])
    page.mouse.click(*chart.point(row))
    expect(page.get_by_text("The review you clicked")).to_be_visible()
    page.mouse.move(5, 5)
    for epoch, button in ((1, ""), (0, "One epoch back")):
        if button:
            page.get_by_role("button", name=button).click()
        listed = many.rows("neighbors", epoch=epoch, layer="dense", example=examples[row])
        near = {examples.index(each["neighbor"]) for each in listed}

        def ringed(near: set[int] = near) -> bool:
            x = charts(page)[0].x
            return sorted(rings(page, "ring", "x_l0")) == pytest.approx(sorted(x[other] for other in near))

        eventually(page, ringed)


def test_a_typed_sentence_is_placed_among_many(page: Page, crowded: Served) -> None:
    opened(page, f"{crowded.address}/{LAYERS}")
    eventually(page, lambda: len(column(page, "sentence", "x_l1", "diamond")) == 1)
    where = column(page, "sentence", "x_l1", "diamond")
    page.get_by_role("button", name="Words").click()
    page.get_by_label("Sentence", exact=True).fill("a wonderful film, and never dull")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("“a wonderful film, and never dull”").first).to_be_visible()
    page.get_by_role("button", name="Layers").click()
    eventually(page, lambda: len(charts(page)) == 3)
    eventually(page, lambda: column(page, "sentence", "x_l1", "diamond") not in ([], where))
