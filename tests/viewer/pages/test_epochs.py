"""The grid of epochs by layers on the page Training, without a browser."""

from pathlib import Path

import numpy as np
import panel as pn

from tests.stored import Stored
from tests.viewer.pages.training_page import opened
from viewer.data import maps
from viewer.pages import epochs
from viewer.plots.maps import scale
from viewer.plots.quality import grade


def test_more_epochs_on_request_each_at_its_own_place(store: Path) -> None:
    page = opened(store)
    page.grid.chosen.value = [1, 2]
    assert page.grid.linked is not None
    assert {key[:2] for key in page.grid.linked.figures} == {"e1", "e2"}
    state = page.state
    assert page.grid.reviews is not None
    for epoch in (1, 2):
        place = maps.layer_maps(state.source, state.facts, page.grid.reviews, [epoch])[
            epoch, state.facts.layers[1].name
        ]
        np.testing.assert_allclose(
            page.grid.linked.points.data[f"y_e{epoch}l1"], scale(place).drawn(place.xy)[:, 1], rtol=1e-5, atol=1e-6
        )
    page.grid.chosen.value = []
    assert page.grid.linked is not None
    assert len(page.grid.linked.figures) == 9
    assert page.grid.chosen.value == [0, 1, 3]


def test_the_epochs_of_the_grid_are_those_of_the_view(store: Path) -> None:
    page = opened(store, grid=[2])
    assert page.grid.chosen.value == [2]
    page.grid.chosen.value = [2, 0]
    assert page.state.grid == [0, 2]
    page.grid.chosen.value = [0, 1, 3]
    assert page.state.grid == []  # the first choice is no choice
    page.state.grid = [3]
    assert page.grid.chosen.value == [3]
    assert page.grid.linked is not None
    assert list(page.grid.linked.figures) == ["e3l0", "e3l1", "e3l2"]


def test_below_every_map_of_the_grid_stands_how_far_to_believe_it_and_its_true_spread(
    store: Path, stored: Stored
) -> None:
    page = opened(store, grid=[0, 3])
    rows = [row for row in page.grid.charts if isinstance(row, pn.FlexBox)]
    for layer, row in zip(page.state.facts.layers, rows, strict=True):
        for epoch, (head, _, below) in zip((0, 3), row, strict=True):
            points = stored.rows("points", epoch=epoch, layer=layer.name)
            (of_map,) = stored.rows("maps", epoch=epoch, layer=layer.name)
            xy = np.array([(point["x"], point["y"]) for point in points])
            radius = np.median(np.hypot(*(xy - xy.mean(axis=0)).T))
            assert head.object == f"<span class='muted'>Epoch {epoch}</span>"
            assert f"radius {radius:.2f}" in below.object
            assert f"trustworthiness {of_map['trustworthiness']:.3f};" in below.object
            assert f"regions <b>{grade(of_map['trustworthiness'])}</b>" in below.object


def test_epochs_chosen_in_any_order_stay_as_they_are_pressed(store: Path) -> None:
    """What the server sets anew takes back what was pressed meanwhile."""
    page = opened(store)
    told: list[object] = []
    page.grid.chosen.param.watch(lambda event: told.append(event.new), "value")
    page.grid.chosen.value = [3, 0, 2]
    assert page.state.grid == [0, 2, 3]
    assert told == [[3, 0, 2]]


def test_first_middle_and_last_epochs_come_first() -> None:
    assert epochs.first_choice(range(11)) == [0, 5, 10]
    assert epochs.first_choice([0, 1]) == [0, 1]
    assert epochs.first_choice([4]) == [4]
