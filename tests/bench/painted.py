"""How long a browser takes from what the mouse does to what is painted, in the page's own clock."""

from playwright.sync_api import Page

from tests.browser.charts import FIGURES, around, charts, lasso, rings
from tests.browser.serving import eventually
from tests.browser.sessions import LEFT

# From an event of the mouse until what holds of the sources of the charts has been painted, milliseconds.
SINCE = f"""([event, holds]) => {{
  const done = new Function('source', `return ${{holds}}`)
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()])
  const found = new Map(models.filter((one) => one.name && one.data).map((one) => [one.name, one]))
  found.set('reviews', ({FIGURES})()[0].model.renderers.find((one) => one.data_source.name === 'reviews').data_source)
  window.painted = null
  let start = null
  document.addEventListener(event, (told) => start = told.timeStamp, {{capture: true, once: true}})
  const look = () => {{
    if (start !== null && done((name) => found.get(name)))
      requestAnimationFrame(() => setTimeout(() => window.painted = performance.now() - start))
    else requestAnimationFrame(look)
  }}
  look()
}}"""
SELECTED = "source('reviews').selected.indices.length > 0"
RINGED = "['here', 'ring'].every((kind) => source('rings').data.kind.includes(kind))"


def painted(page: Page, patience: float) -> float:
    eventually(page, lambda: page.evaluate("window.painted !== null"), patience)
    return float(page.evaluate("window.painted"))


def selecting(page: Page, number: int, patience: float) -> float:
    """From the mouse's button going up until a lasso's selection is painted in all charts; then it is cleared."""
    chart = charts(page)[number]
    page.evaluate(SINCE, ["pointerup", SELECTED])
    lasso(page, around(chart, *LEFT))
    took = painted(page, patience)
    expected = chart.inside(*LEFT)
    assert [sorted(each.selected) for each in charts(page)] == [expected] * 3
    page.keyboard.press("Escape")
    eventually(page, lambda: not any(each.selected for each in charts(page)), patience)
    return took


def pointing(page: Page, number: int, row: int, patience: float) -> float:
    """From the mouse coming to a review until rings are painted around its neighbours; it points at none after."""
    chart = charts(page)[number]
    page.mouse.move(5, 5)
    eventually(page, lambda: rings(page, "here", "x_l0") == [], patience)
    page.evaluate(SINCE, ["pointermove", RINGED])
    page.mouse.move(*chart.point(row))
    return painted(page, patience)
