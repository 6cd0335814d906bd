"""The page of the epochs as a person uses it: the grid, the player, trails, warnings, curves; held to the store."""

from collections import defaultdict
from statistics import fmean, median

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import OnScreen, around, charts, column, lasso, lines
from tests.browser.motion import WATCH_HEADING, Picture, shares, watched
from tests.browser.serving import Served, at_rest, eventually, opened
from tests.stored import Stored

TITLES = {"embedding": "Word vectors", "lstm": "LSTM state", "dense": "Hidden layer"}
LEFT = (-2.5, -2.5, 0.0, 2.5)  # the left half of a chart
GLIDE = 500  # milliseconds
FOLLOWED = 0.25  # residual of the alignment from which on points cannot be followed
LEAST, TOP = 20, 8  # places of a word that is judged; words listed


@pytest.fixture
def size() -> tuple[int, int]:
    """High enough to hold the player, the maps and the grid at once."""
    return 1280, 2000


@pytest.fixture
def training(page: Page, server: Served) -> Page:
    return at(page, server, 1)


def at(page: Page, server: Served, epoch: int) -> Page:
    """The page at an epoch, once all its maps are drawn."""
    opened(page, f"{server.address}/?page=training&epoch={epoch}")
    eventually(page, lambda: len(charts(page)) == 12)
    at_rest(page)
    return page


def by_title(page: Page) -> dict[str, OnScreen]:
    return {chart.title: chart for chart in charts(page)}


def places(page: Page, stored: Stored, epoch: int, layer: str) -> np.ndarray:
    """The stored points (n, 2) as a chart draws them, in its order: around their mean, at a median radius of 1."""
    points = {row["example"]: (row["x"], row["y"]) for row in stored.rows("points", epoch=epoch, layer=layer)}
    found = np.array([points[example] for example in column(page, "reviews", "example")], dtype=float)
    found -= found.mean(axis=0)
    return found / median(np.hypot(*found.T))


def drawn(chart: OnScreen) -> np.ndarray:
    return np.array([chart.x, chart.y]).T


def test_the_grid_holds_the_maps_of_the_first_the_middle_and_the_last_epoch(training: Page, stored: Stored) -> None:
    found = by_title(training)
    for layer, title in TITLES.items():
        np.testing.assert_allclose(drawn(found[title]), places(training, stored, 1, layer), atol=1e-5)
        for epoch in (0, 1, 3):
            chart = found[f"{title}, epoch {epoch}"]
            np.testing.assert_allclose(drawn(chart), places(training, stored, epoch, layer), atol=1e-5)
    columns = [[found[f"{title}, epoch {epoch}"] for title in TITLES.values()] for epoch in (0, 1, 3)]
    assert all(len({round(chart.left) for chart in one}) == 1 for one in columns), "a column an epoch"
    assert len({round(one[0].left) for one in columns}) == 3


def test_more_epochs_on_request(training: Page, stored: Stored) -> None:
    training.get_by_role("button", name="2", exact=True).click()
    eventually(training, lambda: len([chart for chart in charts(training) if chart.width > 50]) == 15)
    at_rest(training)
    found = by_title(training)
    for layer, title in TITLES.items():
        np.testing.assert_allclose(drawn(found[f"{title}, epoch 2"]), places(training, stored, 2, layer), atol=1e-5)
    training.evaluate("(top) => scrollBy(0, top)", found["Hidden layer, epoch 2"].top - 150)
    chart = by_title(training)["Hidden layer, epoch 2"]
    lasso(training, around(chart, *LEFT))
    expected = chart.inside(*LEFT)

    def selected() -> bool:
        found = {each.title: sorted(each.selected) for each in charts(training)}
        assert found == dict.fromkeys(found, expected), f"{chart}: {found}"
        return len(found) == 15

    eventually(training, selected)


@pytest.mark.parametrize("title", ["LSTM state", "Hidden layer, epoch 0"])
def test_a_lasso_selects_in_the_maps_of_all_epochs(training: Page, title: str) -> None:
    training.evaluate("(top) => scrollBy(0, top)", by_title(training)[title].top - 150)
    chart = by_title(training)[title]
    expected = chart.inside(*LEFT)
    assert 0 < len(expected) < 60
    lasso(training, around(chart, *LEFT))
    eventually(training, lambda: [sorted(each.selected) for each in charts(training)] == [expected] * 12)
    expect(training.get_by_text(f"{len(expected)} of 60").first).to_be_visible()


# Selects twice in one set of charts, the second time before the server can have heard of the first.
TWICE = """([first, second]) => {
  const models = Bokeh.documents.flatMap((one) => one.roots()).flatMap((root) => [...root.references()])
  const {selected} = models.find((model) => model.name === 'reviews')
  selected.indices = first
  selected.indices = second
}"""


def test_of_two_selections_in_a_row_the_second_holds(training: Page) -> None:
    """The server tells the other maps of the first when the second is there already."""
    for first, second in (([1, 2, 3], [4, 5]), ([4], [7, 8, 9]), ([1], [])):
        training.evaluate(TWICE, [first, second])
        expect(training.get_by_text(f"{len(second) or 'none'} of 60").first).to_be_visible()
        at_rest(training)
        assert [sorted(each.selected) for each in charts(training)] == [second] * 12


def test_points_glide_for_half_a_second_and_change_their_colours_when_they_arrive(
    training: Page, stored: Stored
) -> None:
    pictures, between, (start, end) = glided(training)
    np.testing.assert_allclose(pictures[0].places, places(training, stored, start, "lstm"), atol=1e-5)
    np.testing.assert_allclose(pictures[-1].places, places(training, stored, end, "lstm"), atol=1e-5)
    assert (np.diff(shares(pictures)) >= -1e-6).all(), "the points went back"
    # The way is eased: share = 3 t^2 - 2 t^3. Turned back, the time of each picture says how long the whole takes.
    (first, low), (last, high) = between[0], between[-1]
    took = (last.at - first.at) / (uneased(high) - uneased(low))
    assert took == pytest.approx(GLIDE, rel=0.02)
    assert pictures[0].colors != pictures[-1].colors
    assert all(picture.colors == pictures[0].colors for picture, _ in between)
    assert {tuple(picture.axes) for picture in pictures} == {(-2.6, 2.6, -2.6, 2.6)}


def glided(page: Page) -> tuple[list[Picture], list[tuple[Picture, float]], tuple[int, int]]:
    """The pictures of a glide, those on the way with their shares of it, and from which epoch to which it went.

    Forth and back between epochs 1 and 2 until there are two on the way: a busy machine may paint fewer.
    """
    for turn in range(6):
        name = ("Forward ▸", "◂ Back")[turn % 2]
        pictures = watched(page, "LSTM state", page.get_by_role("button", name=name).click)
        along = zip(pictures, shares(pictures), strict=True)
        between = [(picture, float(share)) for picture, share in along if 0.02 < share < 0.98]
        if len(between) >= 2:
            return pictures, between, ((1, 2), (2, 1))[turn % 2]
    raise AssertionError("the points jumped")


def uneased(share: float) -> float:
    """t with 3 t^2 - 2 t^3 = share: the root of the cubic between 0 and 1."""
    return next(float(root.real) for root in np.roots([-2, 3, 0, -share]) if 0 <= root.real <= 1)


def test_points_jump_where_less_motion_is_asked_for(training: Page, stored: Stored) -> None:
    training.emulate_media(reduced_motion="reduce")
    pictures = watched(training, "LSTM state", training.get_by_role("button", name="Forward ▸").click)
    for picture, share in zip(pictures, shares(pictures), strict=True):
        assert share in (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))
        assert picture.colors == pictures[0 if share < 0.5 else -1].colors
    np.testing.assert_allclose(pictures[-1].places, places(training, stored, 2, "lstm"), atol=1e-5)


def test_steps_and_scrubbing(training: Page, stored: Stored) -> None:
    def shows(epoch: int) -> None:
        expect(training.get_by_role("heading", name=f"Epoch {epoch} of 3")).to_be_visible()
        eventually(
            training,
            lambda: np.allclose(
                drawn(by_title(training)["LSTM state"]), places(training, stored, epoch, "lstm"), atol=1e-5
            ),
        )

    back, forth = (training.get_by_role("button", name=name) for name in ("◂ Back", "Forward ▸"))
    shows(1)
    back.click()
    shows(0)
    expect(back).to_be_disabled()
    forth.click()
    shows(1)
    scrubber = training.get_by_role("slider").nth(1)
    scrubber.press("End")
    shows(3)
    expect(forth).to_be_disabled()
    scrubber.press("ArrowLeft")
    shows(2)
    assert "epoch=2" in training.url


def test_playing_goes_through_all_epochs_and_stops_at_the_last(page: Page, server: Served) -> None:
    at(page, server, 3)
    page.evaluate(WATCH_HEADING)
    page.get_by_role("button", name="Play").click()
    seen = page.wait_for_function("() => seen.length > 1 && seen.at(-1) === 3 && seen").json_value()
    # From the last it begins anew. A browser that is busy may draw two steps in one.
    assert seen[0] == 3
    assert seen[1] < 3
    assert sorted(seen[1:]) == seen[1:]
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.get_by_role("heading", name="Epoch 3 of 3")).to_be_visible()


def test_pausing_stays_at_the_epoch(page: Page, server: Served) -> None:
    at(page, server, 0)
    page.get_by_role("button", name="Play").click()
    # At once: a busy browser may draw several steps in one, so that none of them is sure to be seen.
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    shown = page.get_by_role("heading", name=" of 3").inner_text()
    assert "Epoch 3" not in shown, "it played to the end before it was paused"
    page.wait_for_timeout(1500)  # longer than the player's step: what stays is not only slow
    assert page.get_by_role("heading", name=" of 3").inner_text() == shown


def residuals(stored: Stored) -> dict[str, dict[int, float]]:
    """{layer: {epoch: residual of its map and the next epoch's}}."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for row in stored.rows("maps"):
        if row["alignment_residual"] is not None and not np.isnan(row["alignment_residual"]):
            found[row["layer"]][row["epoch"]] = row["alignment_residual"]
    return found


def test_a_step_that_cannot_be_followed_is_warned_of(page: Page, server: Served, stored: Stored) -> None:
    at(page, server, 0)
    poor = {
        epoch: [title for layer, title in TITLES.items() if residuals(stored)[layer][epoch] >= FOLLOWED]
        for epoch in range(3)
    }
    assert any(poor.values())
    assert not all(poor.values())
    for epoch, titles in poor.items():
        page.get_by_role("button", name="Forward ▸").click()
        expect(page.get_by_role("heading", name=f"Epoch {epoch + 1} of 3")).to_be_visible()
        said = page.locator(".warning:visible")
        expect(said).to_have_count(1 if titles else 0)
        for title in TITLES.values():
            if titles:
                expect(said).to_contain_text(f"From epoch {epoch} to {epoch + 1}")
            assert (title in (said.inner_text() if titles else "")) == (title in titles)


def test_trails_follow_the_selected_reviews_as_far_as_they_can_be_followed(
    page: Page, server: Served, stored: Stored
) -> None:
    at(page, server, 3)
    page.get_by_role("button", name="Trails of the selection").click()
    expect(page.get_by_text("Select reviews in a map to see their trails.")).to_be_visible()
    chart = by_title(page)["Word vectors"]
    rows = chart.inside(*LEFT)
    assert 0 < len(rows) <= 50
    lasso(page, around(chart, *LEFT))
    eventually(page, lambda: len(column(page, "trails", "xs_l0")) == len(rows))
    for number, layer in enumerate(TITLES):
        poor = [epoch + 1 for epoch, residual in residuals(stored)[layer].items() if residual >= FOLLOWED]
        followed = range(max(poor, default=0), 4)
        expected = np.stack([places(page, stored, epoch, layer)[rows] for epoch in followed], axis=1)
        np.testing.assert_allclose(column(page, "trails", f"xs_l{number}"), expected[..., 0], atol=1e-5)
        np.testing.assert_allclose(column(page, "trails", f"ys_l{number}"), expected[..., 1], atol=1e-5)
    page.get_by_role("button", name="Trails of the selection").click()
    eventually(page, lambda: column(page, "trails", "xs_l0") == [])


@pytest.mark.parametrize(("label", "metric", "factor"), [("Loss", "loss", 1), ("Accuracy", "accuracy", 100)])
def test_the_curves_are_the_stored_metrics(
    training: Page, stored: Stored, label: str, metric: str, factor: float
) -> None:
    eventually(training, lambda: lines(training, label))
    found = lines(training, label)
    assert set(found) == {"training", "validation", "test"}
    for name, line in found.items():
        rows = stored.rows("metrics", metric=metric, split=name.replace("training", "train"))
        assert line == pytest.approx({row["epoch"]: factor * row["value"] for row in rows}, rel=1e-6)


def mean_impacts(stored: Stored, epoch: int) -> dict[str, float]:
    """{word: its mean impact over all its places}, added up place by place, of the words with enough places."""
    words = {(row["example"], row["position"]): row["element"].lower() for row in stored.rows("elements")}
    found: dict[str, list[float]] = defaultdict(list)
    for row in stored.rows("impacts", epoch=epoch, **{"class": "pos"}):
        if row["impact"] is not None:
            found[words[row["example"], row["position"]].replace("’", "'")].append(row["impact"])
    return {word: fmean(impacts) for word, impacts in found.items() if len(impacts) >= LEAST}


def test_the_words_that_move_most_are_those_of_the_store(training: Page, stored: Stored) -> None:
    table = training.locator("table", has_text="raise most")
    expect(table).to_be_visible()
    heads = table.locator("thead th").all_inner_texts()
    assert heads == ["Epoch 0", "Epoch 3"]
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    shown = [row for row in rows if row]
    for place, epoch in enumerate((0, 3)):
        means = mean_impacts(stored, epoch)
        falling = sorted(means, key=means.__getitem__, reverse=True)
        raising = [word for word in falling if means[word] > 0][:TOP]
        lowering = [word for word in reversed(falling) if means[word] < 0][:TOP]
        cells = [row[place].split() for row in shown if row[place].strip()]
        assert [word for word, _ in cells] == [*raising, *lowering]
        points = [float(value.replace("\N{MINUS SIGN}", "-")) for _, value in cells]
        assert points == pytest.approx([100 * means[word] for word in [*raising, *lowering]], abs=0.05 + 1e-6)


def test_the_chart_of_the_words_follows_those_of_the_last_epoch(training: Page, stored: Stored) -> None:
    eventually(training, lambda: lines(training, "Mean impact"))
    found = lines(training, "Mean impact")
    means = {epoch: mean_impacts(stored, epoch) for epoch in (0, 3)}
    falling = sorted(means[3], key=means[3].__getitem__)
    assert set(found) == {*[word for word in falling[:TOP] if means[3][word] < 0], *falling[-TOP:]}
    for word, line in found.items():
        assert line == pytest.approx({epoch: 100 * means[epoch][word] for epoch in (0, 3)}, abs=1e-4)


NARROW = pytest.mark.parametrize("size", [(420, 900)], ids=["narrow"])
EDGES = """(place) => {
  const [right, table, fade] = [place, place.querySelector('table'), place.querySelector('i')].map((each) =>
    each.getBoundingClientRect()).map((box, number) => number < 2 ? box.right : [box.left, box.right])
  return {right, table, fade}
}"""
FIGURES = """(label) => {
  const labelled = (model) => model.type === 'Figure' && model.left.some((axis) => axis.axis_label?.startsWith(label))
  const found = [], seen = (view) => {
    if (labelled(view.model)) found.push(view)
    for (const child of view.children?.() ?? []) seen(child)
  }
  for (const root of Object.values(Bokeh.index)) seen(root)
  return found.map((view) => [view.el.getBoundingClientRect().right, view.frame.bbox.width])
}"""


@NARROW
@pytest.mark.parametrize("words", ["map moved", "raise most", "Comprehensiveness"])
def test_a_table_that_scrolls_sideways_fades_at_its_edge_until_its_end(page: Page, server: Served, words: str) -> None:
    at(page, server, 1)
    place = page.locator("table", has_text=words).locator("..")
    expect(place).to_be_visible()
    place.evaluate("(place) => { place.firstChild.style.minWidth = '600px' }")  # as with many epochs
    edges = place.evaluate(EDGES)
    assert edges["table"] > edges["right"], "nothing is hidden"
    assert edges["fade"] == pytest.approx([edges["right"] - 28, edges["right"]], abs=1)
    place.evaluate("(place) => { place.scrollLeft = 10000 }")
    edges = place.evaluate(EDGES)
    assert edges["table"] <= edges["fade"][0] + 1 <= edges["right"] + 1


@NARROW
@pytest.mark.parametrize("label", ["Alike", "Held-out accuracy", "Comprehensiveness", "Loss"])
def test_curves_and_the_names_of_their_lines_have_room_in_a_narrow_window(
    page: Page, server: Served, label: str
) -> None:
    at(page, server, 1)
    eventually(page, lambda: page.evaluate(FIGURES, label))
    for right, frame in page.evaluate(FIGURES, label):
        assert right <= 420, "cut by the window"
        assert frame > 100, "all room is for the names"
