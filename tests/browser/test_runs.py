"""Runs as a person uses them: two runs' maps side by side that share a selection, and what the two disagree on."""

from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.charts import OnScreen, around, charts, lasso
from tests.browser.rows import rows
from tests.browser.serving import PATIENCE, Served, at_rest, eventually, opened
from tests.stored import Stored
from tests.viewer.twins import turn, twin

LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart
RIGHT = (0.0, -2.5, 2.5, 0.0)  # a quarter
LAYERS = ("Word vectors", "LSTM state", "Hidden layer")


@pytest.fixture
def turned(private_server: Served, stored: Stored) -> list[int]:
    """Numbers of the reviews that the run "wide" predicts otherwise."""
    artifacts = private_server.folder / "artifacts"
    twin(artifacts, stored.config)
    return turn(artifacts, 4)


@pytest.fixture
def runs(page: Page, private_server: Served, turned: list[int]) -> Page:
    opened(page, f"{private_server.address}/?page=runs")
    eventually(page, lambda: len(charts(page)) == 6)
    return page


def chart(page: Page, layer: str, run: str) -> OnScreen:
    return next(one for one in charts(page) if one.title == f"{layer}, run {run}")


def in_sight(page: Page, layer: str, run: str) -> OnScreen:
    """A chart after the page is scrolled to it."""
    page.evaluate("(top) => scrollBy(0, top)", chart(page, layer, run).top - 120)
    return chart(page, layer, run)


def selected(page: Page) -> list[list[int]]:
    return [sorted(one.selected) for one in charts(page)]


def test_a_lasso_selects_the_same_reviews_on_the_maps_of_both_runs(runs: Page) -> None:
    one = in_sight(runs, "LSTM state", "tiny")
    left = set(one.inside(*LEFT))
    assert 0 < len(left) < 60
    lasso(runs, around(one, *LEFT))
    eventually(runs, lambda: selected(runs) == [sorted(left)] * 6)
    expect(runs.get_by_text(f"{len(left)} of 60").first).to_be_attached()
    other = in_sight(runs, "Hidden layer", "wide")
    both = left | set(other.inside(*RIGHT))
    assert both != left
    lasso(runs, around(other, *RIGHT), "Shift")
    eventually(runs, lambda: selected(runs) == [sorted(both)] * 6)
    runs.get_by_role("button", name="Undo").click()
    eventually(runs, lambda: selected(runs) == [sorted(left)] * 6)


def test_a_click_on_a_disagreement_opens_that_review_in_words(runs: Page, stored: Stored, turned: list[int]) -> None:
    expect(runs.get_by_text(f"they disagree on {len(turned)} of")).to_be_visible()
    lines = runs.locator(".tabulator-row")
    expect(lines).to_have_count(len(turned))
    by_id = {row["id"]: row for row in stored.rows("examples")}
    line = lines.nth(1)
    identity = line.locator(".tabulator-cell[tabulator-field='c0']").text_content() or ""
    assert by_id[identity]["example"] in turned
    at_rest(runs)
    for _ in range(3):  # a table is drawn once more when it is in its place: a click may meet what is being replaced
        line.locator(".tabulator-cell[tabulator-field='c0']").click()
        with suppress(TooLate):
            runs.wait_for_url(lambda url: "page=runs" not in url, timeout=10_000)
            break
    sentence = runs.get_by_label("Sentence", exact=True)
    expect(sentence).to_have_value(by_id[identity]["text"], timeout=1000 * PATIENCE)
    eventually(runs, lambda: f"example={by_id[identity]['example']}" in runs.url and "page=runs" not in runs.url)


def test_the_rows_say_their_epoch_and_follow_it(runs: Page) -> None:
    eventually(runs, lambda: [row.cells[:2] for row in rows(runs)] == [["tiny", "epoch 3"], ["wide", "epoch 3"]])
    runs.get_by_role("button", name="One epoch back").click()
    eventually(runs, lambda: [row.cells[:2] for row in rows(runs)] == [["tiny", "epoch 2"], ["wide", "epoch 2"]])
    expect(runs.get_by_role("heading", name="wide, epoch 2")).to_be_attached()
    runs.locator(".word").nth(1).focus()
    expect(runs.locator(".details").first).to_contain_text("times in training")


@pytest.mark.parametrize(("size", "beside"), [((1280, 800), True), ((420, 800), False)], ids=str)
def test_two_runs_stand_side_by_side_where_there_is_room(runs: Page, beside: bool) -> None:
    for layer in LAYERS:
        one, other = chart(runs, layer, "tiny"), chart(runs, layer, "wide")
        assert (one.left + one.width < other.left and one.top == other.top) == beside
        assert (one.top + one.height < other.top and one.left == other.left) == (not beside)
        assert min(one.width, other.width) > (250 if beside else 120)


@pytest.mark.parametrize("size", [(1280, 800), (420, 800)], ids=str)
def test_what_differs_between_eight_runs_can_be_read_by_scrolling(
    page: Page, private_server: Served, turned: list[int], stored: Stored
) -> None:
    artifacts = private_server.folder / "artifacts"
    for number in range(6):
        (artifacts / f"run=a-rather-long-name-{number}").symlink_to(artifacts / "run=wide")
    opened(page, f"{private_server.address}/?page=runs")
    table = page.get_by_role("group", name="What differs, a column a run")
    expect(table.locator("th[scope=col]")).to_have_count(9)
    inner, outer, right, window = table.evaluate(
        "(box) => [box.scrollWidth, box.clientWidth, box.getBoundingClientRect().right, innerWidth]"
    )
    assert inner > outer, "all of it fits: nothing is tested"
    assert right < window
    cut = table.locator("td").evaluate_all("(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length")
    assert cut == 0
    table.evaluate("(box) => { box.scrollLeft = box.scrollWidth }")
    last = table.locator("th[scope=col]").last.bounding_box()
    key = table.locator("th[scope=row]").first.bounding_box()
    assert last is not None
    assert key is not None
    assert last["x"] + last["width"] <= right + 1
    assert key["x"] < right - outer + 2, "the key stays in sight"
