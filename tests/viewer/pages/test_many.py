"""More mapped reviews than travel to the browser at once: what is sent, what is told when asked, what stays bounded."""

from pathlib import Path

import numpy as np
import pytest

from tests.project import Project
from tests.stored import Stored
from viewer import design
from viewer.data import selected, training
from viewer.data.maps import AT_ONCE
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.layers import Layers
from viewer.pages.training import Training
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()


@pytest.fixture
def many(crowd: Project, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """The crowded run's tables, with its project as working directory."""
    monkeypatch.chdir(crowd.folder)
    return Stored("crowd")


def state_of(artifacts: Path = Path("artifacts"), **given: object) -> State:
    state = State(Source(artifacts), epoch=1, **given)
    state.choose_run("crowd")
    return state


@pytest.fixture
def page(many: Stored) -> Layers:
    state = state_of()
    made = Layers(state, Live(state.source))
    made.show()
    return made


def test_texts_and_neighbours_stay_here_until_they_are_asked_for(page: Layers, many: Stored) -> None:
    linked, reviews = page.charts.linked, page.charts.reviews
    assert linked is not None
    assert reviews is not None
    assert len(reviews) > AT_ONCE
    assert linked.near.data == {"round": [linked.near.data["round"][0]]}
    assert sum(np.asarray(column).nbytes for column in linked.points.data.values()) < 60 * len(reviews)
    texts = {row["example"]: row for row in many.mapped}
    for number, layer in enumerate(("embedding", "lstm", "dense")):
        row = 40 + number
        linked.asked.data = {"row": [row], "key": [f"l{number}"], "round": linked.near.data["round"]}
        told = linked.told.data
        examples = reviews.examples[told["row"]]
        assert examples[0] == reviews.examples[row]
        listed = many.rows("neighbors", epoch=1, layer=layer, example=int(examples[0]))
        listed.sort(key=lambda one: one["rank"])
        assert examples[1:].tolist() == [one["neighbor"] for one in listed]
        np.testing.assert_allclose(told["distance"][1:], [one["distance"] for one in listed], rtol=1e-6)
        assert told["id"] == [texts[example]["id"] for example in examples]
        text = texts[examples[1]]["text"]
        assert told["snippet"][1] == " ".join((text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + " …").split())


def test_neighbours_are_those_of_the_epoch_shown(page: Layers, many: Stored) -> None:
    linked, reviews = page.charts.linked, page.charts.reviews
    assert linked is not None
    assert reviews is not None
    before = linked.near.data["round"]
    page.state.epoch = 0
    assert linked.near.data["round"] != before
    linked.asked.data = {"row": [3], "key": ["l1"], "round": linked.near.data["round"]}
    (nearest,) = many.rows("neighbors", epoch=0, layer="lstm", example=int(reviews.examples[3]), rank=1)
    assert reviews.examples[linked.told.data["row"][1]] == nearest["neighbor"]


def test_a_store_that_broke_meanwhile_is_said_when_neighbours_are_asked_for(
    page: Layers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    linked = page.charts.linked
    assert linked is not None
    monkeypatch.setattr(page.state, "source", page.state.source)
    monkeypatch.setattr(page.state.source, "frame", Source(tmp_path).frame)
    linked.asked.data = {"row": [3], "key": ["l1"], "round": [0]}
    assert "no runs here" in page.state.notice
    assert list(linked.told.data["row"]) == [3]


def test_a_sentence_among_many_moves_no_point(page: Layers) -> None:
    linked = page.charts.linked
    assert linked is not None
    assert len(linked.sentence.data["x_l0"]) == 3
    before = linked.points.data
    where = linked.sentence.data["x_l1"][0]
    page.state.take_text("a wonderful film, and never dull")
    assert linked.points.data is before
    assert linked.sentence.data["x_l1"][0] != where
    assert "your sentence" in page.charts.legend.object


def test_a_review_is_found_by_a_part_of_its_id(page: Layers, many: Stored) -> None:
    row = many.mapped[8]
    assert page.finder.view.options == []
    page.finder.view.value = row["id"]
    assert page.state.pinned == row["example"]
    page.finder.view.value = "no such id"
    assert "no review on the maps has 'no such id' in its id" in page.state.notice
    part = row["id"][:3]
    page.finder.view.value = part
    assert "type more of one" in page.state.notice
    assert page.state.pinned == row["example"]
    page.finder.view.value = row["id"]
    assert page.state.notice == ""
    page.pin(None)
    assert page.finder.view.value == ""


def test_half_of_them_selected_is_told_by_a_sample(page: Layers, many: Stored) -> None:
    reviews, state = page.charts.reviews, page.state
    assert reviews is not None
    chosen = tuple(sorted(reviews.examples[: len(reviews) // 2 + 1].tolist()))
    state.select(Selection(chosen))
    said = "".join(pane.object for pane in page.selected.said.objects[0].objects)
    assert f"<b>{len(chosen):,}</b> of {len(reviews):,}" in said
    assert f"a sample of {selected.MOST:,}" in said
    for layer in state.facts.layers:
        rows = many.rows("vectors", epoch=1, layer=layer.name)
        vectors = np.array([row["vector"] for row in rows], float)
        inside = np.isin([row["example"] for row in rows], chosen)
        exact = selected.mean_distance(vectors[inside]) / selected.mean_distance(vectors)
        found = selected.spread(state.source, state.facts, chosen, 1)[layer.name]
        assert found == pytest.approx(exact, rel=0.05)


def test_the_vectors_own_change_is_that_of_a_sample(many: Stored) -> None:
    state = state_of()
    found = training.alignment(state.source, state.facts).set_index("layer")["own"]
    for layer in state.facts.layers:
        before, after = (
            np.array([row["vector"] for row in many.rows("vectors", epoch=epoch, layer=layer.name)]) for epoch in (0, 1)
        )
        assert found[layer.name] == pytest.approx(training.shape_change(before, after), abs=0.05)


def test_trails_of_many_are_those_of_a_few(many: Stored) -> None:
    state = state_of()
    page = Training(state, Live(state.source))
    page.show()
    assert page.row.reviews is not None
    assert page.row.linked is not None
    state.select(Selection(tuple(sorted(page.row.reviews.examples.tolist()))))
    page.trails.value = True
    assert page.row.linked.trails is not None
    assert len(page.row.linked.trails.data["xs_l0"]) == 50
    assert f"50 of the {len(page.row.reviews)} selected" in page.trailed.object
