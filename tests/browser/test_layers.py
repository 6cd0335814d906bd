"""The linked maps as a person uses them: lasso, hover, click, epochs; each held to the store or to plain geometry."""

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import around, charts, column, lasso
from tests.browser.serving import Served, eventually, opened
from tests.stored import Stored

LAYERS = "?page=layers"
LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart


@pytest.fixture
def layers(page: Page, server: Served) -> Page:
    opened(page, f"{server.address}/{LAYERS}")
    eventually(page, lambda: len(charts(page)) == 3)
    return page


def selected(page: Page) -> list[list[int]]:
    return [sorted(chart.selected) for chart in charts(page)]


def test_a_lasso_in_one_chart_selects_the_same_reviews_in_all(layers: Page) -> None:
    chart = charts(layers)[1]
    expected = chart.inside(*LEFT)
    assert 0 < len(expected) < 60
    lasso(layers, around(chart, *LEFT))
    eventually(layers, lambda: selected(layers) == [expected] * 3)
    expect(layers.get_by_text(f"{len(expected)} of 60").first).to_be_visible()


def test_shift_adds_alt_takes_away_escape_clears_and_undo_brings_back(layers: Page) -> None:
    chart = charts(layers)[0]
    left, right, top = LEFT, (0.0, -2.5, 2.5, 0.0), (-2.5, 0.0, 2.5, 2.5)
    lasso(layers, around(chart, *left))
    eventually(layers, lambda: selected(layers)[0] == chart.inside(*left))
    lasso(layers, around(chart, *right), "Shift")
    both = sorted({*chart.inside(*left), *chart.inside(*right)})
    eventually(layers, lambda: selected(layers)[0] == both)
    lasso(layers, around(chart, *top), "Alt")
    rest = sorted({*both} - {*chart.inside(*top)})
    eventually(layers, lambda: selected(layers) == [rest] * 3)
    expect(layers.get_by_text(f"{len(rest)} of 60").first).to_be_visible()
    layers.keyboard.press("Escape")
    eventually(layers, lambda: selected(layers) == [[]] * 3)
    expect(layers.get_by_text("none of 60").first).to_be_visible()
    layers.get_by_role("button", name="Undo").click()
    eventually(layers, lambda: selected(layers) == [rest] * 3)


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
    chart = charts(layers)[1]
    examples = column(layers, "reviews", "example")
    row = max(range(60), key=lambda row: chart.x[row])
    layers.mouse.move(*chart.point(row))
    listed = sorted(stored.rows("neighbors", epoch=3, layer="lstm", example=examples[row]), key=lambda n: n["rank"])
    texts = {each["example"]: each for each in stored.mapped}
    details = layers.locator(".review")
    expect(details).to_contain_text(f"Review {texts[examples[row]]['id']}")
    lines = details.locator("li")
    expect(lines).to_have_count(5)
    for line, near in zip(lines.all(), listed, strict=True):
        expect(line).to_contain_text(f"{near['distance']:.2f}")
        expect(line).to_contain_text(" ".join(texts[near["neighbor"]]["text"].split())[:30])
    ringed = column(layers, "ring", "x_l0")
    by_example = dict(zip(examples, charts(layers)[0].x, strict=True))
    assert ringed == pytest.approx([by_example[near["neighbor"]] for near in listed])
    layers.mouse.move(5, 5)
    eventually(layers, lambda: column(layers, "ring", "x_l0") == [])


def test_a_click_keeps_the_review_and_shows_its_words(layers: Page, stored: Stored) -> None:
    chart = charts(layers)[2]
    examples = column(layers, "reviews", "example")
    row = min(range(60), key=lambda row: chart.x[row])
    layers.mouse.click(*chart.point(row))
    expect(layers.get_by_text("The review you clicked")).to_be_visible()
    words = {each["element"] for each in stored.rows("elements", example=examples[row])}
    expect(layers.get_by_text(min(words), exact=True).first).to_be_visible()


def test_points_glide_to_the_next_epoch_and_come_to_rest_where_the_store_has_them(layers: Page, stored: Stored) -> None:
    before = charts(layers)[1].x
    layers.get_by_role("button", name="◂").click()
    seen: list[list[float]] = []

    def moved() -> bool:
        seen.append(charts(layers)[1].x)
        return seen[-1] == seen[-2] != before if len(seen) > 1 else False

    eventually(layers, moved)
    examples = column(layers, "reviews", "example")
    points = {row["example"]: row["x"] for row in stored.rows("points", epoch=2, layer="lstm")}
    place = sorted(zip(charts(layers)[1].x, (points[example] for example in examples), strict=True))
    assert [stored_x for _, stored_x in place] == sorted(points.values()), "drawn in the order of the store"
    assert any(places not in (before, seen[-1]) for places in seen), "the points jumped"


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
