"""The linked maps as a person uses them: lasso, hover, click, epochs; each held to the store or to plain geometry."""

import csv
import os
import re
import signal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import LAYERS, around, box, charts, column, lasso, rings
from tests.browser.pointing import Pointed, alone
from tests.browser.serving import Served, eventually, opened
from tests.stored import Stored

LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart
RIGHT, TOP = (0.0, -2.5, 2.5, 0.0), (-2.5, 0.0, 2.5, 2.5)  # a quarter and a half

# In every frame: where a review stands on the second map, and what is told of it.
TOLD = """(row) => {
  const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()])
  const source = models.find((model) => model.name === 'reviews')
  const details = models.find((model) => model.css_classes?.includes('details') && model.type === 'Div')
  window.seen = []
  const look = () => {
    const head = new DOMParser().parseFromString(details.text, 'text/html').querySelector('.head')
    window.seen.push([source.data.x_l1[row], head?.textContent ?? ''])
    requestAnimationFrame(look)
  }
  look()
}"""


def confidences(stored: Stored, epoch: int) -> dict[int, float]:
    """{example: |2p - 1|}."""
    rows = stored.rows("predictions", epoch=epoch)
    return {row["example"]: abs(2 * row["probability"] - 1) for row in rows}


def selected(page: Page) -> list[list[int]]:
    return [sorted(chart.selected) for chart in charts(page)]


def test_a_lasso_in_one_chart_selects_the_same_reviews_in_all(layers: Page) -> None:
    chart = charts(layers)[1]
    expected = chart.inside(*LEFT)
    assert 0 < len(expected) < 60
    lasso(layers, around(chart, *LEFT))
    eventually(layers, lambda: selected(layers) == [expected] * 3)
    expect(layers.get_by_text(f"{len(expected)} of 60").first).to_be_visible()


@pytest.mark.parametrize("tool", ["Lasso", "Box"])
def test_every_drag_is_one_selection_and_one_step_of_undo(layers: Page, tool: str) -> None:
    """Shift adds, Alt takes away, by one selection each: steps of the mouse on the way select nothing."""
    layers.get_by_role("button", name=tool, exact=True).click()
    drag = lasso if tool == "Lasso" else box
    chart = charts(layers)[0]
    left, right, top = (set(chart.inside(*area)) for area in (LEFT, RIGHT, TOP))
    steps = [sorted(rows) for rows in (left, left | right, (left | right) - top)]
    assert len({*map(tuple, steps)}) == 3
    for area, key, rows in zip((LEFT, RIGHT, TOP), ([], ["Shift"], ["Alt"]), steps, strict=True):
        drag(layers, around(chart, *area), *key)
        eventually(layers, lambda rows=rows: selected(layers) == [rows] * 3)
        expect(layers.get_by_text(f"{len(rows)} of 60").first).to_be_visible()
    for rows in [*steps[-2::-1], []]:
        layers.get_by_role("button", name="Undo").click()
        eventually(layers, lambda rows=rows: selected(layers) == [rows] * 3)
    expect(layers.get_by_role("button", name="Undo")).to_be_disabled()


def test_whole_map_undoes_zooming_in_all_charts(layers: Page) -> None:
    before = [(chart.low, chart.high) for chart in charts(layers)]
    layers.mouse.move(*charts(layers)[1].pixel(0, 0))
    layers.keyboard.down("Control")
    layers.mouse.wheel(0, -400)
    layers.keyboard.up("Control")
    eventually(layers, lambda: charts(layers)[1].high[0] < before[1][1][0])
    layers.get_by_role("button", name="Whole map").click()
    eventually(layers, lambda: [(chart.low, chart.high) for chart in charts(layers)] == before)


def test_escape_clears_wherever_the_focus_is_but_in_a_text(layers: Page) -> None:
    rows = charts(layers)[0].inside(*LEFT)
    for label in ("Whole map", "Words", "Undo"):
        layers.evaluate("scrollTo(0, 0)")  # the focus may have scrolled
        chart = charts(layers)[0]
        lasso(layers, around(chart, *LEFT))
        eventually(layers, lambda: selected(layers) == [rows] * 3)
        layers.get_by_placeholder("word:boring and wrong").focus()
        layers.keyboard.press("Escape")
        assert selected(layers) == [rows] * 3
        expect(layers.get_by_role("button", name="Undo")).to_be_enabled()
        layers.get_by_role("button", name=label, exact=True).focus()
        layers.keyboard.press("Escape")
        assert selected(layers) == [[]] * 3, "at once, in the browser"
        expect(layers.get_by_text("none of 60").first).to_be_visible()


def test_escape_in_a_drag_ends_the_drag_alone(layers: Page) -> None:
    chart = charts(layers)[0]
    lasso(layers, around(chart, *LEFT))
    eventually(layers, lambda: selected(layers)[0] == chart.inside(*LEFT))
    layers.mouse.move(*chart.pixel(-1, 1))
    layers.mouse.down()
    layers.mouse.move(*chart.pixel(1, 1.5), steps=4)
    layers.keyboard.press("Escape")
    assert selected(layers)[0] == chart.inside(*LEFT)
    layers.mouse.up()


def test_a_selection_is_drawn_without_the_server(page: Page, private_server: Served) -> None:
    opened(page, f"{private_server.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    chart = charts(page)[2]
    os.kill(private_server.process.pid, signal.SIGSTOP)  # nothing can answer now
    try:
        lasso(page, around(chart, *LEFT))
        eventually(page, lambda: selected(page) == [chart.inside(*LEFT)] * 3)
    finally:
        os.kill(private_server.process.pid, signal.SIGCONT)


def test_hover_takes_the_nearest_review_and_lists_its_neighbours_in_the_layer(layers: Page, stored: Stored) -> None:
    pointed = Pointed(layers, stored, number=1, epoch=3)
    chart = charts(layers)[1]
    for row in (alone(chart)[-1], pointed.telling(alone(chart))):
        layers.mouse.move(*chart.point(row))
        pointed.assert_told(row)
        pointed.assert_drawn(row)
    layers.mouse.move(5, 5)
    pointed.assert_nothing_drawn()


def test_while_points_glide_a_review_is_told_as_it_is_coloured(layers: Page, stored: Stored) -> None:
    """Prediction and confidence change with the colours, when the points have arrived."""
    examples = column(layers, "reviews", "example")
    told = {epoch: confidences(stored, epoch) for epoch in (2, 3)}
    row = max(alone(charts(layers)[1]), key=lambda row: abs(told[2][examples[row]] - told[3][examples[row]]))
    early, late = (f"confidence {told[epoch][examples[row]]:.2f}" for epoch in (2, 3))
    assert early != late
    layers.mouse.click(*charts(layers)[1].point(row))
    layers.mouse.move(5, 5)
    expect(layers.locator(".review .head")).to_contain_text(late)
    layers.evaluate(TOLD, row)
    layers.get_by_role("button", name="One epoch back").click()
    eventually(layers, lambda: glided(layers, stored, 2))
    expect(layers.locator(".review .head")).to_contain_text(early)
    seen = layers.evaluate("window.seen")
    (first, *_), (last, *_) = seen[0], seen[-1]
    assert first != last
    assert {(x == last, late in head, early in head) for x, head in seen} == {(False, True, False), (True, False, True)}
    assert len({x for x, _ in seen}) > 3, "the points jumped"


def test_a_review_found_by_its_id_is_read_aloud(layers: Page) -> None:
    """Its details are a live region, which was there before: what changes in it is announced."""
    region = layers.get_by_role("status").filter(has_text="Point at one to read it here")
    expect(region).to_have_attribute("aria-live", "polite")
    region.evaluate("(region) => { window.region = region }")
    ids = column(layers, "reviews", "id")
    wanted = next(one for one in ids if sum(one in other for other in ids) == 1)
    find = layers.get_by_label("Find a review by its id")
    find.fill(wanted)  # as if pasted: no key was struck, so no list of ids has opened
    find.press("Enter")
    expect(layers.get_by_role("status").filter(has_text=f"Review {wanted},")).to_be_visible()
    assert layers.evaluate(f"window.region.isConnected && window.region.shadowRoot.textContent.includes('{wanted}')")
    find.fill("")
    find.press("Enter")
    find.fill("no such id")
    find.press("Enter")
    expect(layers.get_by_role("alert")).to_contain_text("no review on the maps has 'no such id' in its id")
    expect(layers.get_by_role("status").filter(has_text=f"Review {wanted},")).to_be_visible()


def test_a_click_keeps_the_review_and_shows_its_words(layers: Page, stored: Stored) -> None:
    chart = charts(layers)[2]
    examples = column(layers, "reviews", "example")
    row = min(range(60), key=lambda row: chart.x[row])
    layers.mouse.click(*chart.point(row))
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    words = {each["element"] for each in stored.rows("elements", example=examples[row])}
    expect(layers.get_by_text(min(words), exact=True).first).to_be_visible()


def test_a_word_of_the_clicked_review_is_left_out_and_the_sentence_on_the_maps_follows(layers: Page) -> None:
    chart = charts(layers)[2]
    row = min(range(60), key=lambda row: chart.x[row])
    before = column(layers, "sentence", "x_l1", "diamond")
    layers.mouse.click(*chart.point(row))
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    words = layers.locator(".word")
    spelled = words.all_text_contents()
    words.nth(1).click()
    layers.get_by_role("button", name="Leave out").click()
    eventually(layers, lambda: column(layers, "sentence", "x_l1", "diamond") != before)
    layers.wait_for_url(lambda url: "text=" in url)
    typed = parse_qs(urlsplit(layers.url).query)["text"][0]
    read = [word.lower() for word in re.findall(r"\w+", " ".join(spelled[:1] + spelled[2:]))]
    assert [word.lower() for word in re.findall(r"\w+", typed)][: len(read)] == read, "what is not read follows"
    assert words.all_text_contents() == spelled, "the review that was clicked stays as it is"
    left_out = column(layers, "sentence", "x_l1", "diamond")
    words.nth(0).click()
    layers.get_by_label("Replace with").fill("dreadful")
    layers.get_by_label("Replace with").press("Enter")
    eventually(layers, lambda: column(layers, "sentence", "x_l1", "diamond") != left_out)
    eventually(layers, lambda: "text=dreadful" in layers.url)


def test_the_link_brings_the_clicked_review_back(layers: Page) -> None:
    ids = column(layers, "reviews", "id")
    chart = charts(layers)[2]
    row = min(range(60), key=lambda row: chart.x[row])
    layers.mouse.click(*chart.point(row))
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    eventually(layers, lambda: "pinned=" in layers.url)
    opened(layers, layers.url)
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    again = column(layers, "reviews", "id").index(ids[row])
    eventually(layers, lambda: rings(layers, "mark", "x_l1") == [pytest.approx(charts(layers)[1].x[again])])
    layers.go_back()
    expect(layers.get_by_text("The review you clicked")).to_be_hidden()


def test_the_selected_reviews_are_downloaded(layers: Page, stored: Stored, tmp_path: Path) -> None:
    layers.get_by_placeholder("word:boring and wrong").fill("label:pos")
    layers.get_by_placeholder("word:boring and wrong").press("Enter")
    texts = {row["id"]: row["text"] for row in stored.mapped if row["label"] == "pos"}
    expect(layers.get_by_text(f"{len(texts)} of 60").first).to_be_visible()
    for kind in ("CSV", "Parquet"):
        with layers.expect_download() as download:
            layers.get_by_text(f"Download as {kind}").click()
        assert download.value.suggested_filename == f"tiny-selection.{kind.lower()}"
        download.value.save_as(tmp_path / f"chosen.{kind}")
    with (tmp_path / "chosen.CSV").open(newline="", encoding="utf-8") as file:
        listed = {row["id"]: row["text"] for row in csv.DictReader(file)}
    assert {key: text.lstrip("'") for key, text in listed.items()} == {k: text.lstrip("'") for k, text in texts.items()}
    found = pq.read_table(tmp_path / "chosen.Parquet").to_pylist()
    assert {row["id"]: row["text"] for row in found} == texts


@pytest.mark.parametrize("end", ["click", "Escape"])
def test_a_kept_review_is_what_hover_comes_back_to_until_it_is_kept_no_longer(layers: Page, end: str) -> None:
    chart = charts(layers)[2]
    ids = column(layers, "reviews", "id")
    inside = chart.inside(-2.5, -2.5, 2.5, 2.5)
    kept, other = (way(inside, key=lambda row: chart.x[row]) for way in (min, max))
    details = layers.locator(".review")
    layers.mouse.click(*chart.point(kept))
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    chart = charts(layers)[2]
    near = [rings(layers, kind, "x_l1") for kind in ("ring", "lookalike", "mark")]
    layers.mouse.move(*chart.point(other))
    expect(details).to_contain_text(f"Review {ids[other]},")
    assert rings(layers, "ring", "x_l1") != near[0]
    assert rings(layers, "mark", "x_l1") == near[2] == [pytest.approx(charts(layers)[1].x[kept])]
    layers.mouse.move(5, 5)
    expect(details).to_contain_text(f"Review {ids[kept]},")
    assert [rings(layers, kind, "x_l1") for kind in ("ring", "lookalike", "mark")] == near
    if end == "click":
        layers.mouse.click(*chart.point(kept))
        layers.mouse.move(5, 5)
    else:
        layers.keyboard.press(end)
    expect(details).to_have_count(0)
    expect(layers.get_by_text("The review you clicked")).to_be_hidden()
    assert rings(layers, "ring", "x_l1") == rings(layers, "mark", "x_l1") == []


def test_the_kept_review_stays_marked_where_it_glides_to(layers: Page, stored: Stored) -> None:
    chart = charts(layers)[1]
    row = min(range(60), key=lambda row: chart.x[row])
    layers.mouse.click(*chart.point(row))
    layers.mouse.move(5, 5)
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    layers.get_by_role("button", name="One epoch back").click()
    eventually(layers, lambda: glided(layers, stored, 2))
    end = charts(layers)[1].x[row]
    assert end != chart.x[row]
    assert rings(layers, "mark", "x_l1") == rings(layers, "here", "x_l1") == [end]


def test_a_kept_review_is_drawn_whole_when_its_page_comes_back_and_when_its_link_is_opened(
    layers: Page, server: Served, stored: Stored
) -> None:
    chart, pointed = charts(layers)[1], Pointed(layers, stored, number=1, epoch=3)
    row = alone(chart)[1]
    layers.mouse.click(*chart.point(row))
    eventually(layers, lambda: "pinned=" in layers.url)
    link = layers.url

    def whole() -> bool:
        return rings(layers, "mark", "x_l1") == rings(layers, "here", "x_l1") == [pytest.approx(chart.x[row])]

    eventually(layers, whole)
    for name in ("SQL", "Layers"):
        layers.get_by_role("button", name=name, exact=True).click()
        eventually(layers, lambda name=name: f"page={name.lower()}" in layers.url)
    eventually(layers, lambda: len(charts(layers)) == 3 and whole())
    pointed.assert_told(row)
    opened(layers, link)  # it does not hold the chart that was clicked: it is told of the last one
    eventually(layers, lambda: len(charts(layers)) == 3 and whole())
    Pointed(layers, stored, number=2, epoch=3).assert_told(row)


def test_points_glide_to_the_next_epoch_and_come_to_rest_where_the_store_has_them(layers: Page, stored: Stored) -> None:
    before = charts(layers)[1].x
    layers.get_by_role("button", name="One epoch back").click()
    seen: list[list[float]] = []

    def at_rest() -> bool:
        seen.append(charts(layers)[1].x)
        return glided(layers, stored, 2)

    eventually(layers, at_rest)
    after = charts(layers)[1].x
    assert any(places not in (before, after) for places in seen), "the points jumped"


def glided(page: Page, stored: Stored, epoch: int) -> bool:
    """Whether the points of the state's map lie as the store has them at this epoch, but for place and size."""
    ends = {row["example"]: row["x"] for row in stored.rows("points", epoch=epoch, layer="lstm")}
    there = [ends[example] for example in column(page, "reviews", "example")]
    return float(np.corrcoef(charts(page)[1].x, there)[0, 1]) > 1 - 1e-9


def test_a_condition_selects_and_the_link_brings_it_back(layers: Page, server: Served, stored: Stored) -> None:
    layers.get_by_placeholder("word:boring and wrong").fill("wrong")
    layers.get_by_placeholder("word:boring and wrong").press("Enter")
    labels = {row["example"]: row["label"] for row in stored.mapped}
    predicted = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    wrong = sum(predicted[example] != label for example, label in labels.items())
    eventually(layers, lambda: [len(rows) for rows in selected(layers)] == [wrong] * 3)
    eventually(layers, lambda: "selection=" in layers.url)
    opened(layers, layers.url)
    eventually(layers, lambda: [len(rows) for rows in selected(layers)] == [wrong] * 3)


def test_a_condition_that_is_not_one_is_said_and_nothing_else_happens(layers: Page) -> None:
    layers.get_by_placeholder("word:boring and wrong").fill("<img src=x onerror=alert(1)>")
    layers.get_by_placeholder("word:boring and wrong").press("Enter")
    expect(layers.get_by_text("condition").last).to_be_visible()
    assert layers.locator("img[src='x']").count() == 0
    assert selected(layers) == [[]] * 3
