"""The arrays behind the maps, held to the plain tables; all in one shuffled order."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import InputError
from tests.project import RUN
from tests.stored import Stored
from viewer.data import maps
from viewer.data.facts import Facts, facts
from viewer.data.quality import qualities
from viewer.data.source import Source


def test_every_mapped_example_has_one_row_and_the_order_is_not_that_of_the_corpus(
    stored: Stored, source: Source, tiny: Facts
) -> None:
    reviews = maps.mapped(source, tiny)
    expected = {row["example"]: row for row in stored.mapped}
    assert sorted(reviews.examples) == sorted(expected)
    assert list(reviews.examples) != sorted(reviews.examples)
    assert list(reviews.examples) == list(maps.mapped(source, tiny).examples), "the order is the same at every call"
    for row in reviews.frame.itertuples():
        assert row.label == expected[row.example]["label"]
        assert row.original_length == expected[row.example]["original_length"]
        assert row.source == dict(expected[row.example]["attributes"])["source"]


def test_places_neighbours_and_predictions_are_those_of_the_tables(stored: Stored, source: Source, tiny: Facts) -> None:
    reviews = maps.mapped(source, tiny)
    epoch = 2
    drawn = maps.layer_maps(source, tiny, reviews, [epoch])
    said = maps.predictions(source, tiny, reviews, epoch)
    predictions = {row["example"]: row for row in stored.rows("predictions", epoch=epoch)}
    for row, example in enumerate(reviews.examples):
        assert said.predicted[row] == predictions[example]["predicted"]
        positive = predictions[example]["probability"]
        assert said.probability[row] == max(positive, 1 - positive)
    for layer in ("embedding", "lstm", "dense"):
        layer_map = drawn[epoch, layer]
        places = {row["example"]: row for row in stored.rows("points", epoch=epoch, layer=layer)}
        near = stored.rows("neighbors", epoch=epoch, layer=layer)
        for row, example in enumerate(reviews.examples):
            assert list(layer_map.xy[row]) == [places[example]["x"], places[example]["y"]]
            listed = sorted((line for line in near if line["example"] == example), key=lambda line: line["rank"])
            assert list(reviews.examples[layer_map.neighbors[row]]) == [line["neighbor"] for line in listed]
            assert list(layer_map.distances[row]) == [line["distance"] for line in listed]
        quality = stored.rows("maps", epoch=epoch, layer=layer)[0]
        assert layer_map.residual == quality["alignment_residual"]
    radius = np.median(np.hypot(*(layer_map.xy - layer_map.xy.mean(axis=0)).T))
    assert layer_map.radius == pytest.approx(radius)


def test_rows_of_examples(source: Source, tiny: Facts) -> None:
    reviews = maps.mapped(source, tiny)
    wanted = [int(reviews.examples[3]), int(reviews.examples[1]), 10**6]
    assert list(reviews.rows(wanted)) == [1, 3]


def test_what_is_not_stored_is_said(source: Source, tiny: Facts) -> None:
    reviews = maps.mapped(source, tiny)
    with pytest.raises(InputError, match="no map of embedding at epoch 99"):
        maps.layer_maps(source, tiny, reviews, [99])
    with pytest.raises(InputError, match="no predictions at epoch 99"):
        maps.predictions(source, tiny, reviews, 99)


def test_facts_are_those_of_the_run(stored: Stored, source: Source, tiny: Facts) -> None:
    assert tiny.classes == ("neg", "pos")
    assert (tiny.positive, tiny.negative) == ("pos", "neg")
    assert [layer.title for layer in tiny.layers] == ["Word vectors", "LSTM state", "Hidden layer"]
    assert tiny.epochs == (0, 1, 2, 3)
    assert tiny.explained == (0, 3)
    assert (tiny.tested, tiny.mapped) == (stored.table("examples").num_rows, 60)
    with pytest.raises(InputError, match=re.escape(f"run 'other' is not in {source.artifacts}; there are {RUN}")):
        facts(source, "other")


def test_what_is_said_of_maps_is_read_once_and_anew_when_a_file_has_changed(stored: Stored, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    source, other = Source(tmp_path), Source(tmp_path)
    found = facts(source, "tiny")
    reviews = maps.mapped(source, found)
    drawn, said = maps.layer_maps(source, found, reviews, [3]), maps.predictions(source, found, reviews, 3)
    known = qualities(source, found, [3])
    assert maps.layer_maps(other, found, reviews, [3]) is drawn
    assert maps.layer_maps(other, found, reviews, [3], neighbors=False) is not drawn
    assert maps.predictions(other, found, reviews, 3) is said
    assert qualities(other, found, [3]) is known
    run = source.run("tiny")
    for table, column in (("points", "x"), ("predictions", "probability"), ("maps", "trustworthiness")):
        frame = run.read(table).to_pandas()
        frame[column] /= 2
        run.write(table, {name: frame[name].tolist() for name in frame})
    after = maps.layer_maps(source, found, reviews, [3])
    for key, one in after.items():
        np.testing.assert_allclose(one.xy[:, 0], drawn[key].xy[:, 0] / 2, rtol=1e-6)
        assert qualities(source, found, [3])[key].trustworthiness == pytest.approx(known[key].trustworthiness / 2)
    assert not np.array_equal(maps.predictions(source, found, reviews, 3).probability, said.probability)


def test_who_knows_an_older_build_gives_nobody_its_answers(stored: Stored, tmp_path: Path) -> None:
    """A session keeps the facts with which it began: another one's maps have layers of which it knows nothing."""
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    source = Source(tmp_path)
    now = facts(source, "tiny")
    fewer = now.config.maps.model_copy(update={"listed_neighbors": 3})
    before = replace(now, layers=now.layers[:2], config=now.config.model_copy(update={"maps": fewer}))
    reviews = maps.mapped(source, now)
    assert len(maps.layer_maps(source, before, reviews, [1])) == 2
    assert len(maps.layer_maps(source, now, reviews, [1])) == 3
    listed = {known.listed for known in qualities(source, before, [1]).values()}
    assert listed == {3}
    assert {known.listed for known in qualities(source, now, [1]).values()} == {now.config.maps.listed_neighbors}


def test_nobody_can_change_what_all_share(stored: Stored, source: Source, tiny: Facts) -> None:
    reviews = maps.mapped(source, tiny)
    drawn, said = maps.layer_maps(source, tiny, reviews, [2]), maps.predictions(source, tiny, reviews, 2)
    one = drawn[2, "lstm"]
    for array in (one.xy, one.kept, one.neighbors, one.distances, said.probability, said.predicted):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(TypeError):
        drawn[2, "lstm"] = one  # type: ignore[index]
