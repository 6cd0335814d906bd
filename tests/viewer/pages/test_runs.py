"""The page that compares runs, without a browser: one run, several, different corpora, broken ones."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline import config
from pipeline.store import write_text
from tests.stored import Stored
from tests.viewer.pages.runs_page import opened
from tests.viewer.twins import turn
from viewer import design
from viewer.components.word_rows import Edit
from viewer.data.source import Source
from viewer.pages.pair import AMONG_COMMON
from viewer.pages.runs import Runs

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()


def test_two_runs_side_by_side(two_runs: Path) -> None:
    turned = turn(two_runs, 4)
    page = opened(two_runs)
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


def test_each_run_is_shown_at_the_epoch_in_hand_or_at_its_last(two_runs: Path, stored: Stored) -> None:
    shorten(two_runs)
    page = opened(two_runs, epoch=2)
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


def shorten(two_runs: Path) -> None:
    """Take epochs 2 and 3 from the run "wide"."""
    run = Source(two_runs).run("wide")
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


def headings(page: Runs) -> list[str]:
    """What stands above the charts of each run."""
    return [column.objects[0].object.removeprefix("<h3>").removesuffix("</h3>") for column in page.pair.charts.objects]


def test_words_are_counted_in_the_training_of_each_run(two_runs: Path, stored: Stored) -> None:
    run = Source(two_runs).run("wide")
    table = run.read("vocabulary").to_pylist()
    twice = [row | {"count": 2 * row["count"], "counts": [(c, 2 * n) for c, n in row["counts"]]} for row in table]
    run.write("vocabulary", {name: [row[name] for row in twice] for name in twice[0]})
    page = opened(two_runs, text="movie qwzxk")
    (row,) = stored.rows("vocabulary", word="movie")
    content = page.words.content
    told = [[content["frequencies"][number] for number in text["seen"]] for text in content["texts"]]
    assert [one[0].partition(":")[0] for one in told] == [
        f"seen {row['count']:,} times in training",
        f"seen {2 * row['count']:,} times in training",
    ]
    assert {one[1] for one in told} == {"not in the vocabulary: the network reads it as an unknown word"}


def test_a_row_of_the_disagreements_opens_in_words(two_runs: Path, stored: Stored) -> None:
    turned = turn(two_runs, 3)
    page = opened(two_runs, view="texts")
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


def test_one_run_says_how_to_make_a_second(two_runs: Path) -> None:
    shutil.rmtree(two_runs / "run=wide")
    page = opened(two_runs)
    assert "python -m pipeline name=mine model.hidden=32" in page.listing.object
    assert not page.two.visible
    assert len(page.words.content["rows"]) == 1


def test_different_corpora_are_said_to_have_nothing_in_common(two_runs: Path, stored: Stored) -> None:
    settings = stored.config
    elsewhere = settings.corpus.model_copy(update={"file": "artifacts/corpora/mine.parquet"})
    write_text(
        two_runs / "run=wide" / "config.yaml",
        config.text(settings.model_copy(update={"name": "wide", "corpus": elsewhere})),
    )
    page = opened(two_runs)
    assert page.other.value == ""
    assert not page.pair.drawn.visible
    assert "none reads its corpus, sentences, with the same classes" in page.apart.object
    page.other.value = "wide"
    assert "have no common examples" in page.apart.object
    assert page.pair.linked is None
    assert not page.pair.drawn.visible
    assert not page.disagreements.visible


def test_a_run_on_the_same_corpus_is_compared_before_any_other(two_runs: Path) -> None:
    shutil.copytree(two_runs / "run=wide", two_runs / "run=another")
    settings = config.read(two_runs / "run=wide" / "config.yaml")
    elsewhere = settings.corpus.model_copy(update={"file": "artifacts/corpora/mine.parquet"})
    write_text(
        two_runs / "run=another" / "config.yaml",
        config.text(settings.model_copy(update={"name": "another", "corpus": elsewhere})),
    )
    page = opened(two_runs)
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


def test_a_run_that_is_being_built_is_listed_and_the_rest_goes_on(two_runs: Path) -> None:
    (two_runs / "run=wide" / "maps.parquet").unlink()
    page = opened(two_runs)
    assert "not finished: no maps yet" in page.listing.object
    assert [row["cells"][0]["text"] for row in page.words.content["rows"]] == ["tiny"]
    assert not page.two.visible
    assert page.state.notice == ""


def test_a_checkpoint_that_cannot_be_read_is_told_beside_the_words(two_runs: Path) -> None:
    (two_runs / "run=wide" / "checkpoints" / "epoch=003.ckpt").write_bytes(b"nothing")
    page = opened(two_runs)
    assert [row["cells"][0]["text"] for row in page.words.content["rows"]] == ["tiny"]
    assert "wide" in page.unread.object


def test_the_sentence_follows_and_can_be_edited(two_runs: Path) -> None:
    page = opened(two_runs, text="great bad movie")
    page.edit(Edit("run-wide", 1, 2, "leave out"))
    assert page.state.text == "great movie"
    assert len(page.words.content["texts"][0]["known"]) == 2
    page.edit(Edit("run-wide", 1, 1, "replace", "poor"))
    assert page.state.text == "poor movie"
    page.edit(Edit("run-tiny", 0, 1, "compare"))
    assert (page.state.page, page.state.view, page.state.second) == ("words", "compare", "movie")


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "מילה 🙂", "word " * 500])
def test_any_sentence_is_shown(two_runs: Path, text: str) -> None:
    page = opened(two_runs, text=text)
    assert page.state.notice == ""
    assert len(page.words.content["rows"]) == 2


def test_a_new_run_appears_when_the_store_is_read_again(two_runs: Path) -> None:
    page = opened(two_runs)
    shutil.copytree(two_runs / "run=tiny", two_runs / "run=third")
    page.again.clicks += 1
    assert "third" in page.listing.object
    assert page.other.options == ["third", "wide"]


@pytest.mark.parametrize("table", ["points", "metrics", "predictions"])
def test_a_damaged_file_of_one_run_leaves_the_page(two_runs: Path, table: str) -> None:
    page = opened(two_runs)
    path = two_runs / "run=wide" / f"{table}.parquet"
    path.write_bytes(path.read_bytes()[:40])
    page.again.clicks += 1
    assert "not a whole Parquet file" in page.listing.object
    assert "tiny" in page.listing.object
    assert not page.two.visible
