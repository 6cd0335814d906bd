"""Networks of any kind against numbers worked out by hand; maps of any size and method in memory."""

import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.special import expit, softmax

from pipeline import config, jobs
from pipeline.schema import TABLES
from pipeline.stages import maps
from pipeline.store import Run
from tests.project import RUN
from tests.viewer.handmade import Hand
from viewer import loaded
from viewer.data.source import Source
from viewer.live import Live
from viewer.loaded import LoadedRun


@pytest.mark.parametrize("classes", [["no", "yes"], ["bad", "so so", "good"]])
def test_any_network_and_number_of_classes(tmp_path, classes):
    hand = Hand(tmp_path, classes)
    reading = Live(hand.source).read("hand", "A good film, not BAD")
    weights = hand.networks[1].weights.weight.detach().double().numpy()
    logits = np.cumsum([np.zeros(weights.shape[1]), *weights[[1, 2, 5, 4, 3]]], axis=0)
    expected = expit(logits[:, 0]) if len(classes) == 2 else softmax(logits, axis=1)[:, 2]
    np.testing.assert_allclose(reading.probability[1], expected, atol=1e-6)
    np.testing.assert_allclose(reading.impact[1, 1:], np.diff(expected), atol=1e-6)
    np.testing.assert_allclose(expit(reading.logit), reading.probability, atol=1e-6)
    assert reading.positive == classes[-1]
    assert Live(hand.source).read("hand", "").probability.shape == (2, 1)
    assert Live(hand.source).positions("hand", "good") == {}


TEXT = "This movie is not boring"


def everywhere(run):
    return {place: (found.x, found.y, found.neighbors) for place, found in run.positions(TEXT, None).items()}


def same(one, other):
    assert one.keys() == other.keys()
    for place in one:
        np.testing.assert_allclose(one[place][:2], other[place][:2], atol=1e-9)
        assert one[place][2] == other[place][2]


def by_five(source):
    """The run as if its graph joined five neighbours, as many as its store lists."""
    run = LoadedRun(source, RUN)
    fewer = run.config.maps.model_copy(update={"graph_neighbors": 5})
    run.config = run.config.model_copy(update={"maps": fewer})
    return run


def test_the_stores_own_neighbours_give_the_same_places(built, monkeypatch):
    source, asked = Source(built.artifacts), []
    ask = source.frame
    monkeypatch.setattr(source, "frame", lambda query, *more: asked.append(query) or ask(query, *more))
    computed = everywhere(by_five(source))
    assert not any("FROM neighbors" in query for query in asked)
    monkeypatch.setattr(loaded, "SMALL", 0)
    same(everywhere(by_five(source)), computed)
    assert any("FROM neighbors" in query for query in asked)


@pytest.mark.parametrize("damage", ["deleted", "cut short", "fewer"])
def test_without_the_stores_neighbours_they_are_computed(built, tmp_path, monkeypatch, damage):
    monkeypatch.setattr(loaded, "SMALL", 0)
    shutil.copytree(built.results, tmp_path / f"run={RUN}")
    file = tmp_path / f"run={RUN}" / "neighbors.parquet"
    before = everywhere(by_five(Source(tmp_path)))
    if damage == "deleted":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[:-50])
    else:
        table = Run(RUN, tmp_path).read("neighbors")
        Run(RUN, tmp_path).write("neighbors", table.slice(0, len(table) - 1).to_pydict())
    same(everywhere(by_five(Source(tmp_path))), before)


def test_large_maps_are_kept_by_the_few_and_all_are_still_there_to_be_asked(built, monkeypatch):
    source = Source(built.artifacts)
    before = LoadedRun(source, RUN)
    assert before.maps_kept > 1_000  # small ones: all
    monkeypatch.setattr(loaded, "MAPS", 1)
    run = LoadedRun(source, RUN)
    assert run.maps_kept == 3  # the layers of one epoch
    assert sum(1 for _ in run.load_all()) == 4 + 3  # networks and maps
    assert sorted(run._maps._entries) == [(3, "dense"), (3, "embedding"), (3, "lstm")]
    same(everywhere(run), everywhere(before))
    assert len(run._maps) == 3


@pytest.mark.parametrize("changes", [{"method": "pca"}, {"method": "tsne"}, {"landmarks": 20}])
def test_on_maps_drawn_otherwise_a_mapped_text_lies_at_its_own_point(built, tmp_path, monkeypatch, changes):
    if changes.get("method") == "tsne":
        pytest.importorskip("openTSNE")
    monkeypatch.chdir(built.folder)
    run = Run(RUN, tmp_path)
    shutil.copytree(built.results, run.folder)
    settings = config.read(run.config)
    maps.write(run, settings.model_copy(update={"maps": settings.maps.model_copy(update=changes)}))
    source = Source(tmp_path)
    rows = source.frame(
        "SELECT text, epoch, layer, x, y FROM points JOIN examples USING (run, example) WHERE run = ? "
        "AND example IN (SELECT min(example) FROM mapped WHERE run = ?)",
        RUN,
        RUN,
    )
    assert len(rows) == 12
    found = LoadedRun(source, RUN).positions(rows["text"][0], None)
    for row in rows.itertuples():
        place = found[row.epoch, row.layer]
        np.testing.assert_allclose([place.x, place.y], [row.x, row.y], atol=1e-3 * max(1, abs(row.x), abs(row.y)))


def test_on_maps_of_a_run_built_before_there_were_methods(built, tmp_path):
    shutil.copytree(built.results, tmp_path / f"run={RUN}")
    before = everywhere(LoadedRun(Source(tmp_path), RUN))
    run = Run(RUN, tmp_path)
    later = ["method", "landmarks", "judged", *(name for name in TABLES["maps"].schema.names if "probe" in name)]
    pq.write_table(run.read("maps").drop_columns(later), run.path("maps"))
    run.path("similarity").unlink()
    source = Source(tmp_path)
    same(everywhere(LoadedRun(source, RUN)), before)
    assert source.frame("SELECT method, linear_probe FROM maps WHERE run = ?", RUN).isna().all().all()
    assert source.frame("SELECT * FROM similarity WHERE run = ?", RUN).empty
    assert jobs.complete(run)
