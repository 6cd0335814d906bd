"""Quality on the pages, without a browser: the words below each map, the switch that marks, the curves of Training."""

import shutil
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.stored import Stored
from viewer import design, link
from viewer.data.quality import badly_placed, moved, similarity
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.layers import Layers
from viewer.pages.page import Page
from viewer.pages.training import Training
from viewer.plots.training import percent
from viewer.state import State

design.use()


P = TypeVar("P", bound=Page)


def opened(page: type[P], artifacts: Path, **given: object) -> P:
    source = Source(artifacts)
    state = State(source, epoch=3, **given)
    state.choose_run("tiny")
    made = page(state, Live(source))
    made.show()
    return made


def test_each_map_says_how_far_to_believe_it_on_layers_and_on_training(stored: Stored) -> None:
    for page in (opened(Layers, Path("artifacts")).charts, opened(Training, Path("artifacts")).row):
        for layer, note in zip(page.state.facts.layers, page._notes.values(), strict=True):
            (row,) = stored.rows("maps", epoch=3, layer=layer.name)
            assert f"({row['trustworthiness']:.2f} of 1; 0.5 = by lot)" in note.object
            kept = np.mean([point["kept"] for point in stored.rows("points", epoch=3, layer=layer.name)])
            assert f"of the five nearest here, <b>{5 * kept:.1f}</b>" in note.object


def test_the_switch_marks_exactly_the_badly_placed_in_every_map_and_is_in_the_link(stored: Stored) -> None:
    page = opened(Layers, Path("artifacts"))
    linked, reviews = page.charts.linked, page.charts.reviews
    assert linked is not None
    assert reviews is not None
    assert [each.indices for each in linked.badly.values()] == [[], [], []]
    assert "badly placed" not in page.charts.legend.object
    page.state.badly_placed = True
    assert "none of its five nearest here" in page.charts.legend.object
    assert link.query(page.state)["badly"] == "yes"
    for number, layer in enumerate(page.state.facts.layers):
        kept = {row["example"]: row["kept"] for row in stored.rows("points", epoch=3, layer=layer.name)}
        expected = [row for row, example in enumerate(reviews.examples.tolist()) if kept[example] < 0.2]
        assert linked.badly[f"l{number}"].indices == expected
    page.state.epoch = 1
    kept = {row["example"]: row["kept"] for row in stored.rows("points", epoch=1, layer="lstm")}
    marked = badly_placed(np.array([kept[example] for example in reviews.examples.tolist()]))
    assert linked.badly["l1"].indices == np.flatnonzero(marked).tolist()
    page.state.badly_placed = False
    assert [each.indices for each in linked.badly.values()] == [[], [], []]


def test_the_grid_and_the_row_of_training_are_marked_alike(stored: Stored) -> None:
    page = opened(Training, Path("artifacts"), badly_placed=True)
    row, grid = page.row.linked, page.grid.linked
    assert row is not None
    assert grid is not None
    assert any(each.indices for each in row.badly.values())
    for number in range(3):
        assert grid.badly[f"e3l{number}"].indices == row.badly[f"l{number}"].indices


def test_the_curves_follow_the_epoch_and_the_network_stands_beside_the_map(stored: Stored) -> None:
    page = opened(Training, Path("artifacts"))
    assert len(page.believed.view.objects) == 3
    assert {line.location for line in page.believed.lines} == {3}
    page.state.epoch = 1
    assert {line.location for line in page.believed.lines} == {1}
    far = moved(similarity(page.state.source, page.state.facts))
    assert f">{percent(far['lstm', 0])}</td>" in page.aligned.object
    assert page.aligned.object.count("network moved</th>") == 3


def test_a_run_without_these_numbers_says_so_and_the_page_goes_on(stored: Stored, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    (tmp_path / "run=tiny" / "similarity.parquet").unlink()
    page = opened(Training, tmp_path)
    assert page.state.notice == ""
    assert len(page.believed.view.objects) == 2, "the probes"
    assert "network moved" not in page.aligned.object
    path = tmp_path / "run=tiny" / "maps.parquet"
    table = stored.table("maps")
    pq.write_table(table.select([name for name in table.column_names if "probe" not in name]), path)
    (said,) = opened(Training, tmp_path).believed.view.objects
    assert "python -m pipeline.stages.maps tiny" in said.object


@pytest.mark.parametrize("page", [Layers, Training])
def test_the_switch_shows_what_the_link_says(page: type[Layers | Training], stored: Stored) -> None:
    made = opened(page, Path("artifacts"), badly_placed=True)
    (switch,) = [each for each in made.show().select() if getattr(each, "label", "") == "Mark badly placed"]
    assert switch.value
    switch.value = False
    assert not made.state.badly_placed
