"""The page that compares runs, without a browser: one run, several, different corpora, broken ones."""

import re
import shutil
from pathlib import Path

import numpy as np
import panel as pn
import pytest

from pipeline import config
from pipeline.store import write_text
from tests.stored import Stored
from tests.viewer.twins import turn, twin
from viewer import design
from viewer.components.word_rows import Edit
from viewer.data.maps import layer_maps, mapped
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.pair import AMONG_COMMON, NO_NEIGHBOURS
from viewer.pages.runs import Runs
from viewer.plots.maps import scale
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()


@pytest.fixture
def store(stored: Stored, tmp_path: Path) -> Path:
    """The tiny run and a copy of it named "wide", whose config says something else."""
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    twin(tmp_path, stored.config)
    return tmp_path


def opened(store: Path, **given: object) -> Runs:
    source = Source(store)
    state = State(source, **{"epoch": 3} | given)
    state.choose_run("tiny")
    page = Runs(state, Live(source))
    page.show()
    return page


def test_two_runs_side_by_side(store: Path) -> None:
    turned = turn(store, 4)
    page = opened(store)
    assert page.state.notice == ""
    assert "trainer.learning_rate" in page.differences.object
    assert [row["cells"][0]["text"] for row in page.words.content["rows"]] == ["tiny", "wide"]
    assert f"they disagree on {len(turned)} of" in page.apart.object
    assert sorted(page.apart_frame["example"]) == sorted(turned)
    assert len(page.disagreements.value) == len(turned)
    assert page.pair.linked is not None
    assert len(page.pair.linked.figures) == 6
    assert AMONG_COMMON not in page.pair.linked.details.text
    assert "60 reviews are on the maps of both" in page.pair.note.object


def test_each_run_is_shown_at_the_epoch_in_hand_or_at_its_last(store: Path, stored: Stored) -> None:
    shorten(store)
    page = opened(store, epoch=2)
    assert page.state.epoch == 2
    assert [[cell["text"] for cell in row["cells"]][:2] for row in page.words.content["rows"]] == [
        ["tiny", "epoch 2"],
        ["wide", "epoch 1 (last)"],
    ]
    for row, name, epoch in zip(page.words.content["rows"], ("tiny", "wide"), (2, 1), strict=True):
        read = page.live.read(name, page.state.text, [epoch])
        assert row["probability"] == pytest.approx(read.probability[0], abs=1e-6)
    assert headings(page) == ["tiny, epoch 2", "wide, epoch 1 (last)"]
    said = [{row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=at)} for at in (2, 1)]
    apart = [example for example in said[0] if said[0][example] != said[1].get(example, said[0][example])]
    assert sorted(page.apart_frame["example"]) == apart
    assert "At epochs 2 (tiny) and 1 (wide)" in page.apart.object
    assert page.pair.linked is not None
    assert page.pair.reviews is not None
    places = {row["example"]: row for row in stored.rows("points", epoch=2, layer="lstm")}
    there = [places[example]["x"] for example in page.pair.reviews.examples.tolist()]
    assert np.corrcoef(page.pair.linked.points.data["x_onel1"], there)[0, 1] == pytest.approx(1)
    page.state.epoch = 1
    assert headings(page) == ["tiny, epoch 1", "wide, epoch 1"]
    assert "At epoch 1 both runs predict the same for all 900 test reviews" in page.apart.object
    data = page.pair.linked.points.data
    np.testing.assert_allclose(data["x_onel1"], data["x_otherl1"], atol=1e-5)


def shorten(store: Path) -> None:
    """Take epochs 2 and 3 from the run "wide"."""
    run = Source(store).run("wide")
    settings = config.read(run.config)
    trainer = settings.trainer.model_copy(update={"epochs": 1})
    impacts = settings.impacts.model_copy(update={"epochs": [0, 1]})
    write_text(run.config, config.text(settings.model_copy(update={"trainer": trainer, "impacts": impacts})))
    for table in ("metrics", "predictions", "impacts", "maps", "points", "vectors", "neighbors"):
        frame = run.read(table).to_pandas()
        frame = frame[frame["epoch"] <= 1]
        run.write(table, {name: frame[name].tolist() for name in frame})
    for path in run.checkpoints.glob("*.ckpt"):
        if path.stem > "epoch=001":
            path.unlink()


def map_fewer(store: Path) -> list[int]:
    """Take ten examples from the maps of the run "wide"; the numbers of the others."""
    run = Source(store).run("wide")
    kept: list[int] = run.read("mapped")["example"].to_pylist()[10:]
    for table in ("points", "vectors", "neighbors"):
        frame = run.read(table).to_pandas()
        frame = frame[frame["example"].isin(kept)]
        if table == "neighbors":
            frame["neighbor"] = frame["example"]
        run.write(table, {name: frame[name].tolist() for name in frame})
    run.write("mapped", {"example": kept})
    return kept


def headings(page: Runs) -> list[str]:
    """What stands above the charts of each run."""
    return [column.objects[0].object.removeprefix("<h3>").removesuffix("</h3>") for column in page.pair.charts.objects]


def test_words_are_counted_in_the_training_of_each_run(store: Path, stored: Stored) -> None:
    run = Source(store).run("wide")
    table = run.read("vocabulary").to_pylist()
    twice = [row | {"count": 2 * row["count"], "counts": [(c, 2 * n) for c, n in row["counts"]]} for row in table]
    run.write("vocabulary", {name: [row[name] for row in twice] for name in twice[0]})
    page = opened(store, text="movie qwzxk")
    (row,) = stored.rows("vocabulary", word="movie")
    content = page.words.content
    told = [[content["frequencies"][number] for number in text["seen"]] for text in content["texts"]]
    assert [one[0].partition(":")[0] for one in told] == [
        f"seen {row['count']:,} times in training",
        f"seen {2 * row['count']:,} times in training",
    ]
    assert {one[1] for one in told} == {"not in the vocabulary: the network reads it as an unknown word"}


def test_the_same_map_turned_is_drawn_alike(store: Path) -> None:
    run = Source(store).run("wide")
    table = run.read("points").to_pandas()
    table["x"], table["y"] = 2 * table["y"] + 5, -2 * table["x"]
    run.write("points", {name: table[name].tolist() for name in table})
    page = opened(store)
    assert page.pair.linked is not None
    data = page.pair.linked.points.data
    for number in range(3):
        for axis in "xy":
            np.testing.assert_allclose(data[f"{axis}_onel{number}"], data[f"{axis}_otherl{number}"], atol=1e-5)


def test_a_selection_is_shared_by_both_runs_maps(store: Path) -> None:
    page = opened(store)
    assert page.pair.linked is not None
    assert page.pair.reviews is not None
    page.pair.linked.points.selected.indices = [2, 3]
    expected = tuple(sorted(int(page.pair.reviews.examples[row]) for row in (2, 3)))
    assert page.state.selection == Selection(expected)
    page.state.undo()
    assert page.pair.linked.points.selected.indices == []


def test_reviews_that_only_one_run_maps_are_left_out(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(store)
    run = source.run("wide")
    kept = map_fewer(store)
    page = opened(store)
    assert "50 reviews are on the maps of both" in page.pair.note.object
    assert page.pair.reviews is not None
    assert page.pair.linked is not None
    assert sorted(page.pair.reviews.examples.tolist()) == kept
    facts = page.state.facts
    ours = mapped(source, facts)
    place = layer_maps(source, facts, ours, [3])[3, "lstm"]
    rows = ours.rows(kept)
    np.testing.assert_allclose(
        page.pair.linked.points.data["x_onel1"], scale(place).drawn(place.xy)[rows, 0], rtol=1e-5, atol=1e-6
    )
    assert AMONG_COMMON in page.pair.linked.details.text
    vectors = run.read("vectors").to_pandas()
    vectors = vectors[(vectors["epoch"] == 3) & (vectors["layer"] == "lstm")].set_index("example")["vector"]
    near, distances = (page.pair.linked.near.data[f"{kind}_otherl1"].reshape(50, -1) for kind in "nd")
    examples = page.pair.reviews.examples.tolist()
    for row, example in enumerate(examples):
        apart = {
            other: float(np.linalg.norm(np.subtract(vectors[example], vectors[other])))
            for other in examples
            if other != example
        }
        expected = sorted(apart.values())[: near.shape[1]]
        np.testing.assert_allclose(distances[row], expected, rtol=1e-5)
        np.testing.assert_allclose([apart[examples[number]] for number in near[row]], expected, rtol=1e-5)
    monkeypatch.setattr("viewer.pages.pair.MOST_COMPARED", 10)
    page = opened(store)
    assert page.pair.linked is not None
    assert len(page.pair.linked.near.data["n_onel1"]) == 0
    assert NO_NEIGHBOURS in page.pair.linked.details.text


def test_a_row_of_the_disagreements_opens_in_words(store: Path, stored: Stored) -> None:
    turned = turn(store, 3)
    page = opened(store, view="texts")
    example = int(page.apart_frame["example"].iloc[1])
    assert example in turned
    (row,) = stored.rows("examples", example=example)
    for way in ("row", "id"):
        page.state.param.update(page="runs", view="texts", text="another", example=None)
        if way == "row":
            page.open_row(1)
        else:
            page.finder.view.value = row["id"]
        assert (page.state.text, page.state.example) == (row["text"], example)
        assert (page.state.page, page.state.view) == ("words", "checkpoints")


def test_of_two_runs_on_other_maps_the_selection_and_the_kept_review_stay_whole(store: Path, stored: Stored) -> None:
    """These charts show what both map; what is selected and kept elsewhere is not theirs to take away."""
    here = [row["example"] for row in stored.mapped]
    missing = sorted(set(here) - set(map_fewer(store)))
    page = opened(store)
    assert page.pair.linked is not None
    page.state.select(Selection(tuple(sorted(here))))
    page.state.pinned = here[0]
    page.state.pinned = missing[0]
    assert len(page.state.selection.examples) == len(here)
    assert page.state.pinned == missing[0]
    assert len(page.pair.linked.points.selected.indices) == 50
    page.pair.linked.pinned.data = {"row": [3], "key": ["onel0"]}
    assert page.state.pinned == int(page.pair.linked.points.data["example"][3])


def test_below_each_map_stands_how_far_to_believe_it_and_its_true_spread(store: Path, stored: Stored) -> None:
    page = opened(store)
    quality = {row["layer"]: row for row in stored.rows("maps", epoch=3)}
    said = [note.object for note in page.pair.view.select(pn.pane.HTML) if "class='brief" in note.object]
    assert len(said) == 6
    for text, layer in zip(said, 2 * page.state.facts.layers, strict=True):
        assert f"trustworthiness {quality[layer.name]['trustworthiness']:.3f}" in text
        (radius,) = re.findall(r"radius (\d+\.\d\d)", text)
        places = np.array([(row["x"], row["y"]) for row in stored.rows("points", epoch=3, layer=layer.name)])
        middle = np.median(np.linalg.norm(places - places.mean(axis=0), axis=1))
        assert float(radius) == pytest.approx(middle, rel=0.2, abs=0.02)


def test_one_run_says_how_to_make_a_second(store: Path) -> None:
    shutil.rmtree(store / "run=wide")
    page = opened(store)
    assert "python -m pipeline name=mine model.hidden=32" in page.listing.object
    assert not page.two.visible
    assert len(page.words.content["rows"]) == 1


def test_different_corpora_are_said_to_have_nothing_in_common(store: Path, stored: Stored) -> None:
    settings = stored.config
    elsewhere = settings.corpus.model_copy(update={"file": "artifacts/corpora/mine.parquet"})
    write_text(
        store / "run=wide" / "config.yaml",
        config.text(settings.model_copy(update={"name": "wide", "corpus": elsewhere})),
    )
    page = opened(store)
    assert page.other.value == ""
    assert not page.pair.drawn.visible
    assert "none reads its corpus, sentences, with the same classes" in page.apart.object
    page.other.value = "wide"
    assert "have no common examples" in page.apart.object
    assert page.pair.linked is None
    assert not page.pair.drawn.visible
    assert not page.disagreements.visible


def test_a_run_on_the_same_corpus_is_compared_before_any_other(store: Path) -> None:
    shutil.copytree(store / "run=wide", store / "run=another")
    settings = config.read(store / "run=wide" / "config.yaml")
    elsewhere = settings.corpus.model_copy(update={"file": "artifacts/corpora/mine.parquet"})
    write_text(
        store / "run=another" / "config.yaml",
        config.text(settings.model_copy(update={"name": "another", "corpus": elsewhere})),
    )
    page = opened(store)
    assert (page.other.options, page.other.value) == (["wide", "another"], "wide")
    assert page.pair.drawn.visible
    assert "compared with it" in page.listing.object
    assert page.state.other_run == "", "nobody chose: no step for the address"
    page.other.value = "another"
    assert page.state.other_run == "another"
    assert "have no common examples" in page.apart.object
    page.other.value = "wide"
    assert page.state.other_run == "wide"
    assert page.pair.linked is not None


def test_a_run_that_is_being_built_is_listed_and_the_rest_goes_on(store: Path) -> None:
    (store / "run=wide" / "maps.parquet").unlink()
    page = opened(store)
    assert "not finished: no maps yet" in page.listing.object
    assert [row["cells"][0]["text"] for row in page.words.content["rows"]] == ["tiny"]
    assert not page.two.visible
    assert page.state.notice == ""


def test_a_checkpoint_that_cannot_be_read_is_told_beside_the_words(store: Path) -> None:
    (store / "run=wide" / "checkpoints" / "epoch=003.ckpt").write_bytes(b"nothing")
    page = opened(store)
    assert [row["cells"][0]["text"] for row in page.words.content["rows"]] == ["tiny"]
    assert "wide" in page.unread.object


def test_the_sentence_follows_and_can_be_edited(store: Path) -> None:
    page = opened(store, text="great bad movie")
    page.edit(Edit("run-wide", 1, 2, "leave out"))
    assert page.state.text == "great movie"
    assert len(page.words.content["texts"][0]["known"]) == 2
    page.edit(Edit("run-wide", 1, 1, "replace", "poor"))
    assert page.state.text == "poor movie"
    page.edit(Edit("run-tiny", 0, 1, "compare"))
    assert (page.state.page, page.state.view, page.state.second) == ("words", "compare", "movie")


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "מילה 🙂", "word " * 500])
def test_any_sentence_is_shown(store: Path, text: str) -> None:
    page = opened(store, text=text)
    assert page.state.notice == ""
    assert len(page.words.content["rows"]) == 2


def test_a_new_run_appears_when_the_store_is_read_again(store: Path) -> None:
    page = opened(store)
    shutil.copytree(store / "run=tiny", store / "run=third")
    page.again.clicks += 1
    assert "third" in page.listing.object
    assert page.other.options == ["third", "wide"]


@pytest.mark.parametrize("table", ["points", "metrics", "predictions"])
def test_a_damaged_file_of_one_run_leaves_the_page(store: Path, table: str) -> None:
    page = opened(store)
    path = store / "run=wide" / f"{table}.parquet"
    path.write_bytes(path.read_bytes()[:40])
    page.again.clicks += 1
    assert "not a whole Parquet file" in page.listing.object
    assert "tiny" in page.listing.object
    assert not page.two.visible


def test_a_run_with_its_classes_in_another_order_has_the_same_colours_and_names(
    store: Path,
) -> None:
    run = Source(store).run("wide")
    table = run.read("classes").to_pandas()
    table["ordinal"] = table["ordinal"].max() - table["ordinal"]
    table = table.sort_values("ordinal")
    run.write("classes", {name: table[name].tolist() for name in table})
    page = opened(store)
    assert page.pair.linked is not None
    data = page.pair.linked.points.data
    for kind in ("c", "s", "p"):
        np.testing.assert_array_equal(data[f"{kind}_one"], data[f"{kind}_other"])
