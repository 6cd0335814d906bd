"""The page of the epochs, without a browser: what its parts hold after each change of the state."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import InputError
from tests.viewer.pages.training_page import opened
from viewer import design
from viewer.data import maps, training
from viewer.data.selections import Selection
from viewer.pages import drawn
from viewer.plots.maps import scale

design.use()


def test_the_page_shows_maps_curves_and_words(store: Path) -> None:
    page = opened(store, epoch=2)
    assert page.state.notice == ""
    assert "Epoch 2 of 3" in page.player.label.object
    assert page.grid.chosen.value == [0, 1, 3]
    layers = page.state.facts.layers
    assert page.row.linked is not None
    assert page.grid.linked is not None
    assert list(page.grid.linked.figures) == [f"e{e}l{n}" for e in (0, 1, 3) for n in range(len(layers))]
    assert {line.location for line in page._lines} == {2}
    assert "Epoch 0" in page.table.object
    assert "0 → 1" in page.aligned.object


def test_another_epoch_moves_the_points_and_the_line(store: Path) -> None:
    page = opened(store, epoch=0)
    state = page.state
    state.epoch = 3
    assert page.row.linked is not None
    assert page.row.reviews is not None
    place = maps.layer_maps(state.source, state.facts, page.row.reviews, [3])[3, state.facts.layers[0].name]
    drawn = scale(place).drawn(place.xy)
    np.testing.assert_allclose(page.row.linked.points.data["x_l0"], drawn[:, 0], rtol=1e-5)
    assert {line.location for line in page._lines} == {3}


def test_cards_are_drawn_one_by_one_after_the_maps_each_as_the_view_is_by_then(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr("viewer.pages.training.afterwards", waiting.append)
    page = opened(store, epoch=1)
    assert page.row.linked is not None
    assert page.grid.linked is None
    assert (page.loss.object, page.aligned.object, waiting) == (None, "", [page._draw_next])
    page.state.epoch = 2
    page.state.grid = [3]
    assert len(waiting) == 1, "what is not there yet waits for its turn"
    waiting.pop()()
    assert page.grid.linked is not None
    assert list(page.grid.linked.figures) == ["e3l0", "e3l1", "e3l2"]
    assert page.loss.object is None
    page.state.grid = [0]
    assert list(page.grid.linked.figures) == ["e0l0", "e0l1", "e0l2"], "what is there follows at once"
    while waiting:
        waiting.pop()()
    assert page.loss.object is not None
    assert {line.location for line in page._lines} == {2}
    assert "0 → 1" in page.aligned.object
    assert len(page.believed.view)
    page.state.epoch = 3
    assert {line.location for line in [*page._lines, *page.believed.lines]} == {3}
    assert not waiting


def test_a_card_that_is_not_drawn_yet_says_so(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr("viewer.pages.training.afterwards", waiting.append)
    page = opened(store)
    assert all(note.visible and "Drawing" in note.object for note in page._waiting)
    waiting.pop()()
    assert [note.visible for note in page._waiting] == [False] + [True] * 5
    while waiting:
        waiting.pop()()
    assert not any(note.visible for note in page._waiting)


def test_of_several_reasons_the_first_is_told(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(reason: str) -> Callable[[set[str]], None]:
        def draw(changed: set[str]) -> None:
            raise InputError(reason)

        return draw

    page = opened(store, epoch=1)
    page._cards[:2] = [fail("the grid's"), fail("the curves'")]
    page.state.epoch = 0
    assert page.state.notice == "the grid's"
    page.state.notice = ""
    page._drawn = 0
    page._draw_next()
    assert page.state.notice == "the grid's"


def test_a_selection_is_one_in_the_row_the_grid_and_the_state(store: Path) -> None:
    page = opened(store)
    assert page.grid.linked is not None
    assert page.grid.reviews is not None
    assert page.row.linked is not None
    page.grid.linked.points.selected.indices = [4, 9]
    expected = tuple(sorted(int(page.grid.reviews.examples[row]) for row in (4, 9)))
    assert page.state.selection == Selection(expected)
    assert page.row.linked.points.selected.indices == [4, 9]
    page.state.undo()
    assert page.grid.linked.points.selected.indices == []


def test_redrawing_the_maps_sends_no_selection(store: Path) -> None:
    """On a busy server one that was sent could take back what was selected in the browser meanwhile."""
    page = opened(store)
    row, grid = page.row.linked, page.grid.linked
    assert row is not None
    assert grid is not None
    row.points.selected.indices = [4, 9]
    sent: list[object] = []
    for linked in (row, grid):
        linked.points.selected.on_change("indices", lambda _name, _old, new: sent.append(new))
    page.state.take_text("a boring film")
    page.state.epoch = 1
    assert not sent
    assert (row.points.selected.indices, grid.points.selected.indices) == ([4, 9], [4, 9])
    page.state.undo()
    assert sent == [[], []]


def test_a_clicked_review_is_kept_in_the_row_and_the_grid_over_epochs(store: Path) -> None:
    page = opened(store, epoch=1)
    row, grid = page.row.linked, page.grid.linked
    assert row is not None
    assert grid is not None
    assert page.row.reviews is not None
    grid.pinned.data = {"row": [6], "key": ["e0l0"]}
    for epoch in (1, 3):
        page.state.epoch = epoch
        assert (row.pinned.data["row"], grid.pinned.data["row"]) == ([6], [6])
    kept = int(page.row.reviews.examples[6])
    assert page.state.pinned == kept
    row.pinned.data = {"row": [], "key": []}
    assert grid.pinned.data["row"] == []
    assert page.state.pinned is None
    page.state.pinned = kept  # on another page
    assert (row.pinned.data["row"], grid.pinned.data["row"]) == ([6], [6])


def test_trails_end_where_the_points_are(store: Path) -> None:
    page = opened(store, epoch=2)
    assert page.row.linked is not None
    assert page.row.reviews is not None
    page.trails.value = True
    assert "Select reviews" in page.trailed.object
    rows = [3, 7]
    page.state.select(Selection(tuple(sorted(int(page.row.reviews.examples[row]) for row in rows))))
    shown = page.row.linked
    pairs = training.alignment(page.state.source, page.state.facts)
    for number, layer in enumerate(page.state.facts.layers):
        assert shown.trails is not None
        paths = shown.trails.data[f"xs_l{number}"]
        seen = training.followable(pairs, layer.name, page.state.facts.epochs, 2)
        assert [len(path) for path in paths] == [len(seen)] * 2
        ends = sorted(float(path[-1]) for path in paths)
        assert ends == pytest.approx(sorted(float(shown.points.data[f"x_l{number}"][row]) for row in rows), abs=1e-5)
    for name, value in (
        ("badly_placed", True),
        ("color_by", "confidence"),
        ("text", "a boring film"),
        ("measure", "log-odds"),
    ):
        setattr(page.state, name, value)
        assert len(shown.trails.data["xs_l0"]) == 2, name
    page.trails.value = False
    assert shown.trails.data["xs_l0"] == []


def test_only_so_many_trails_are_drawn_and_that_is_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.pages.training.MOST_TRAILS", 5)
    page = opened(store)
    assert page.row.linked is not None
    assert page.row.reviews is not None
    page.trails.value = True
    page.state.select(Selection(tuple(sorted(page.row.reviews.examples[:9].tolist()))))
    assert page.row.linked.trails is not None
    assert len(page.row.linked.trails.data["xs_l0"]) == 5
    assert "Drawn for 5 of the 9" in page.trailed.object


def test_trails_at_true_size_use_each_epochs_own_unit(store: Path) -> None:
    page = opened(store)
    state = page.state
    assert page.row.reviews is not None
    places = training.every_map(state.source, state.facts, page.row.reviews)
    layer = state.facts.layers[2].name
    (path,) = drawn.trails(places, layer, [0, 1], [5], true_size=True)
    for epoch in (0, 1):
        largest = max(places[epoch, one.name].radius for one in state.facts.layers)
        place = places[epoch, layer]
        assert path[epoch] == pytest.approx((place.xy[5] - place.centre) / largest)


def test_a_step_that_cannot_be_followed_is_told(store: Path) -> None:
    page = opened(store, epoch=0)
    pairs = training.alignment(page.state.source, page.state.facts)
    for epoch in (1, 2, 3, 2, 1):
        low = min(epoch, page.state.epoch)
        page.state.epoch = epoch
        expected = training.warning(pairs[pairs["epoch"] == low])
        assert (expected in page.warning.object) if expected else page.warning.object == ""


def test_a_run_without_impacts_still_has_its_maps(store: Path) -> None:
    (store / "run=tiny" / "impacts.parquet").unlink()
    page = opened(store)
    assert page.row.linked is not None
    assert "has no impacts of words" in page.table.object
    assert page.words.object is None


def test_a_run_without_maps_still_has_its_curves(store: Path) -> None:
    for table in ("points", "maps", "neighbors", "vectors", "mapped"):
        (store / "run=tiny" / f"{table}.parquet").unlink()
    page = opened(store)
    assert page.loss.object is not None
    assert "Epoch 0" in page.table.object
    assert "no maps" in page.state.notice


def test_a_hidden_page_stops_playing_and_does_no_work(store: Path) -> None:
    page = opened(store, epoch=1)
    page.hide()
    page.state.epoch = 2
    assert "Epoch 1" in page.player.label.object
    page.show()
    assert "Epoch 2" in page.player.label.object


def test_faithfulness_has_charts_and_a_table_of_the_nearest_measured_epoch(store: Path) -> None:
    page = opened(store, epoch=2)
    card = page.faithful
    assert card.row.visible
    assert all(chart.object is not None for chart in card.charts.values())
    assert "Epoch 3" in card.table.object
    page.state.epoch = 1
    assert "Epoch 0" in card.table.object
    assert {line.location for line in card.lines} == {1}


def test_without_faithfulness_its_place_names_the_command(store: Path) -> None:
    (store / "run=tiny" / "faithfulness.parquet").unlink()
    page = opened(store)
    assert page.state.notice == ""
    assert "<code>dvc repro faithfulness@tiny</code>" in page.faithful.text.object
    assert not page.faithful.row.visible
    assert page.faithful.table.object == ""
