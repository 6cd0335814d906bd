"""The page of the maps without a browser: points where the store has them, clicks, colours, what is written beside."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.data.words import spans
from tests.stored import Stored
from viewer import design
from viewer.components.word_rows import WordRows
from viewer.data.conditions import parse
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.charts import LayerCharts
from viewer.pages.layers import Layers
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()
LAYERS = ("embedding", "lstm", "dense")


def opened(artifacts: Path, **given: object) -> Layers:
    source = Source(artifacts)
    state = State(source, epoch=3, **given)
    state.choose_run("tiny")
    page = Layers(state, Live(source))
    page.show()
    return page


@pytest.fixture
def page(stored: Stored) -> Layers:
    return opened(Path("artifacts").absolute())


def drawn(charts: LayerCharts, column: str) -> np.ndarray:
    assert charts.linked is not None
    return np.asarray(charts.linked.points.data[column])


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.hypot(x[:, None] - x, y[:, None] - y)


@pytest.mark.parametrize("epoch", [3, 1])
def test_points_lie_as_in_the_store_but_for_one_scale_a_map(page: Layers, stored: Stored, epoch: int) -> None:
    page.state.epoch = epoch
    assert page.charts.reviews is not None
    for number, layer in enumerate(LAYERS):
        places = {row["example"]: row for row in stored.rows("points", epoch=epoch, layer=layer)}
        rows = [places[example] for example in page.charts.reviews.examples]
        ours = distances(drawn(page.charts, f"x_l{number}"), drawn(page.charts, f"y_l{number}"))
        theirs = distances(np.array([row["x"] for row in rows]), np.array([row["y"] for row in rows]))
        np.testing.assert_allclose(ours * (theirs.max() / ours.max()), theirs, atol=1e-4 * theirs.max())


def test_at_true_size_all_maps_have_one_scale(page: Layers, stored: Stored) -> None:
    page.size.value = True
    assert page.state.true_size
    assert page.charts.reviews is not None
    scales = []
    for number, layer in enumerate(LAYERS):
        places = {row["example"]: row for row in stored.rows("points", epoch=3, layer=layer)}
        rows = [places[example] for example in page.charts.reviews.examples]
        theirs = distances(np.array([row["x"] for row in rows]), np.array([row["y"] for row in rows]))
        ours = distances(drawn(page.charts, f"x_l{number}"), drawn(page.charts, f"y_l{number}"))
        scales.append(ours.sum() / theirs.sum())
    assert scales == pytest.approx([scales[0]] * 3, rel=1e-4)


def test_neighbours_are_those_of_the_table_in_order(page: Layers, stored: Stored) -> None:
    assert page.charts.linked is not None
    assert page.charts.reviews is not None
    examples = page.charts.reviews.examples
    near = page.charts.linked.near.data
    listed = len(near["n_l1"]) // len(examples)
    for row in (0, 30, 59):
        stored_ones = sorted(
            stored.rows("neighbors", epoch=3, layer="lstm", example=int(examples[row])), key=lambda one: one["rank"]
        )
        part = slice(row * listed, (row + 1) * listed)
        assert examples[near["n_l1"][part]].tolist() == [one["neighbor"] for one in stored_ones]
        np.testing.assert_allclose(near["d_l1"][part], [one["distance"] for one in stored_ones], rtol=1e-5)


def test_wrong_predictions_are_hollow(page: Layers, stored: Stored) -> None:
    said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    labels = {row["example"]: row["label"] for row in stored.mapped}
    assert page.charts.reviews is not None
    expected = [said[example] != labels[example] for example in page.charts.reviews.examples.tolist()]
    assert (drawn(page.charts, "f_all") == 0).tolist() == expected


def test_colours_are_chosen_by_any_column(page: Layers) -> None:
    before = list(drawn(page.charts, "c_all"))
    for by in page.color.options.values():
        page.color.value = by
        assert page.state.color_by == by
        assert page.charts.legend.object
    page.state.color_by = "no such column"
    assert page.color.value == "predicted"
    assert list(drawn(page.charts, "c_all")) == before


def test_a_lasso_is_the_selection_and_a_selection_is_drawn(page: Layers) -> None:
    assert page.charts.linked is not None
    assert page.charts.reviews is not None
    examples = page.charts.reviews.examples
    page.charts.linked.points.selected.indices = [3, 5]
    assert page.state.selection == Selection(tuple(sorted(examples[[3, 5]].tolist())))
    page.state.select(Selection(tuple(sorted(examples[[1, 2]].tolist()))))
    assert sorted(page.charts.linked.points.selected.indices) == [1, 2]
    page.charts.linked.points.selected.indices = []
    assert page.state.selection.examples == ()


def test_the_same_reviews_by_a_condition_stay_a_condition(page: Layers) -> None:
    assert page.charts.reviews is not None
    chosen = Selection(tuple(sorted(page.charts.reviews.examples[[1, 2]].tolist())), "length>1", run="tiny")
    page.state.select(chosen)
    page.charts._selected([1, 2])
    assert page.state.selection == chosen


def test_a_click_shows_the_words_of_the_review(page: Layers, stored: Stored) -> None:
    assert page.charts.linked is not None
    assert page.charts.reviews is not None
    example = int(page.charts.reviews.examples[11])
    page.charts.linked.pinned.data = {"row": [11], "key": ["l1"]}
    assert (page.state.pinned, page.words.visible) == (example, True)
    head, rows = page.words.objects
    (text,) = [row["text"] for row in stored.mapped if row["example"] == example]
    words = [piece for kind, piece in rows.content["texts"][0]["pieces"] if kind == "word"]
    read = [text[start:stop] for start, stop in spans(text)][: stored.config.corpus.max_length]
    assert words == read
    _, inspect, unpin = head.objects
    unpin.clicks += 1
    assert (page.state.pinned, page.words.visible) == (None, False)
    assert page.charts.linked.pinned.data["row"] == []
    inspect.clicks += 1
    assert (page.state.page, page.state.example, page.state.text) == ("words", example, text)


def test_a_clicked_review_without_stored_impacts_is_read_now(store: Path, stored: Stored) -> None:
    (store / "run=tiny" / "impacts.parquet").unlink()
    page = opened(store)
    row = stored.mapped[3]
    page.pin(row["example"])
    assert page.words.visible
    words = [piece for kind, piece in page.words.objects[1].content["texts"][0]["pieces"] if kind == "word"]
    assert words == [row["text"][start:stop] for start, stop in spans(row["text"])][: len(words)]
    assert words


def test_a_review_is_found_by_its_id_and_stays_over_epochs(page: Layers, stored: Stored) -> None:
    row = stored.mapped[8]
    assert page.finder.view.options == sorted(one["id"] for one in stored.mapped)
    page.finder.view.value = row["id"]
    assert page.state.pinned == row["example"]
    page.state.epoch = 1  # not explained: its words are read now
    assert page.words.visible
    assert page.state.notice == ""
    assert [one["epoch"] for one in shown(page).content["rows"]] == [1]
    read = page.live.read("tiny", row["text"], [1])
    assert shown(page).content["rows"][0]["probability"] == pytest.approx(read.probability[0], abs=1e-6)


def shown(page: Layers) -> WordRows:
    """The rows of words of the review that was clicked."""
    rows = page.words.objects[1]
    assert isinstance(rows, WordRows)
    return rows


def test_a_word_of_the_clicked_review_can_be_left_out_and_the_sentence_on_the_maps_follows(
    page: Layers, stored: Stored
) -> None:
    row = next(row for row in stored.mapped if row["length"] > 3)
    page.pin(row["example"])
    assert page.charts.linked is not None
    words = [row["text"][start:stop] for start, stop in spans(row["text"])]
    before = drawn_sentence(page)
    shown(page)._handle_msg({"kind": "edit", "row": "epoch-3", "position": 2, "action": "leave out"})
    left = [page.state.text[start:stop] for start, stop in spans(page.state.text)]
    assert left == [words[0], *words[2:]]
    assert page.state.example is None
    assert page.state.pinned == row["example"]
    shorter = drawn_sentence(page)
    assert shorter != before
    expected = page.live.positions("tiny", page.state.text, [3])[3, "lstm"]
    page.state.take_text(page.state.text + "  ")  # the same words lie in the same place
    again = page.live.positions("tiny", page.state.text, [3])[3, "lstm"]
    assert (again.x, again.y) == pytest.approx((expected.x, expected.y))
    assert drawn_sentence(page) == pytest.approx(shorter)
    shown(page)._handle_msg({"kind": "edit", "row": "epoch-3", "position": 1, "action": "replace", "by": "dreadful"})
    replaced = [page.state.text[start:stop] for start, stop in spans(page.state.text)]
    assert replaced == ["dreadful", *words[1:]]
    assert drawn_sentence(page) != shorter
    shown(page)._handle_msg({"kind": "row", "row": "epoch-3"})
    assert (page.state.text, page.state.example) == (row["text"], row["example"])
    shown(page)._handle_msg({"kind": "edit", "row": "epoch-3", "position": 2, "action": "compare"})
    assert (page.state.page, page.state.view, page.state.example) == ("words", "compare", row["example"])
    assert page.state.text == row["text"]
    assert [page.state.second[start:stop] for start, stop in spans(page.state.second)] == left


def drawn_sentence(page: Layers) -> tuple[float, float]:
    assert page.charts.linked is not None
    data = page.charts.linked.sentence.data
    return float(data["x_l1"][0]), float(data["y_l1"][0])


def test_a_link_brings_the_clicked_review_back(stored: Stored) -> None:
    example = stored.mapped[5]["example"]
    page = opened(Path("artifacts").absolute())
    page.state.pinned = example
    fresh = Layers(page.state, page.live)
    fresh.show()
    assert fresh.charts.linked is not None
    assert fresh.charts.reviews is not None
    assert fresh.charts.reviews.examples[fresh.charts.linked.pinned.data["row"]].tolist() == [example]
    assert fresh.words.visible
    page.state.choose_run("tiny")
    assert fresh.charts.linked.pinned.data["row"] == []
    assert not fresh.words.visible


def test_a_question_under_way_is_said_and_draws_nothing(page: Layers) -> None:
    assert page.charts.linked is not None
    before = page.charts.linked.points.data
    page.state.asked = parse("wrong")
    assert page.selected.waiting.visible
    assert page.charts.linked.points.data is before
    page.state.asked = None
    assert not page.selected.waiting.visible


@pytest.mark.parametrize("table", ["points", "neighbors", "predictions", "maps", "mapped"])
def test_without_a_table_that_is_said_and_the_page_goes_on(store: Path, table: str) -> None:
    path = store / "run=tiny" / f"{table}.parquet"
    content = path.read_bytes()
    path.unlink()
    page = opened(store)
    assert "tiny" in page.state.notice
    assert page.charts.linked is None
    path.write_bytes(content)
    page.state.epoch = 2
    assert page.state.notice == ""
    assert page.charts.linked is not None


def test_a_sentence_without_words_has_no_place(page: Layers) -> None:
    assert page.charts.linked is not None
    assert len(page.charts.linked.sentence.data["x_l0"]) == 3
    page.state.text = "  "
    assert len(page.charts.linked.sentence.data["x_l0"]) == 0
    assert "your sentence" not in page.charts.legend.object
