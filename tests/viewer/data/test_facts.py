"""What a run is, against its own tables and config; what it lacks is said."""

import shutil
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from pipeline import store
from pipeline.errors import InputError
from tests.project import ROOT
from tests.stored import Stored
from tests.viewer.handmade import Hand
from viewer.data.facts import TITLES, facts, title
from viewer.data.source import Source


def test_the_facts_of_the_tiny_run(stored: Stored) -> None:
    found = facts(Source(), "tiny")
    classes = sorted(stored.rows("classes"), key=lambda row: row["ordinal"])
    assert found.classes == tuple(row["class"] for row in classes)
    assert (found.positive, found.negative) == ("pos", "neg")
    layers = sorted(stored.rows("layers"), key=lambda row: row["ordinal"])
    assert [(one.name, one.width) for one in found.layers] == [(row["layer"], row["width"]) for row in layers]
    assert [one.title for one in found.layers] == ["Word vectors", "LSTM state", "Hidden layer"]
    assert found.epochs == tuple(sorted({row["epoch"] for row in stored.rows("metrics")}))
    assert found.last == max(found.epochs)
    assert set(found.explained) == {row["epoch"] for row in stored.rows("impacts")}
    assert found.tested == len(stored.rows("examples"))
    assert found.mapped == len(stored.mapped)
    assert found.config == stored.config


def test_of_more_than_two_classes_the_last_is_the_positive_one(tmp_path: Path) -> None:
    found = facts(Hand(tmp_path, ["bad", "so so", "good"]).source, "hand")
    assert (found.classes, found.positive) == (("bad", "so so", "good"), "good")
    assert (found.tested, found.mapped) == (0, 0)  # no such tables yet


def test_a_layer_without_a_title_goes_by_its_name(tmp_path: Path) -> None:
    assert [layer.title for layer in facts(Hand(tmp_path, ["no", "yes"]).source, "hand").layers] == ["Weights"]


def test_every_layer_of_the_project_s_networks_has_a_title() -> None:
    for path in (ROOT / "conf" / "model").glob("*.yaml"):
        for layer in OmegaConf.load(path).maps.layers:
            assert layer in TITLES or title(layer) == f"Block {int(layer.removeprefix('blocks.')) + 1}", (path, layer)


@pytest.mark.parametrize(
    ("layer", "channels", "said"),
    [
        ("embedding", 0, "Word vectors"),
        ("embedding", 12, "Step vectors"),
        ("blocks.11", 0, "Block 12"),
        ("encoder.self_attn", 0, "Encoder, self attn"),
        ("a", 0, "A"),
        ("_", 0, "_"),
    ],
)
def test_titles(layer: str, channels: int, said: str) -> None:
    assert title(layer, channels) == said


@pytest.mark.parametrize(
    ("table", "said"), [("classes", "has no table classes yet"), ("metrics", "is not trained yet")]
)
def test_a_run_that_is_not_finished_says_what_to_type(tmp_path: Path, table: str, said: str) -> None:
    hand = Hand(tmp_path, ["no", "yes"])
    hand.run.path(table).unlink()
    with pytest.raises(InputError, match=f"run 'hand' {said}; build it first: dvc repro"):
        facts(hand.source, "hand")


def test_a_run_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run 'gone' is not in .*; there are none yet"):
        facts(Source(tmp_path), "gone")
    hand = Hand(tmp_path, ["no", "yes"])
    with pytest.raises(InputError, match="there are hand"):
        facts(hand.source, "../hand")


def test_a_config_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    hand = Hand(tmp_path, ["no", "yes"])
    store.write_text(hand.run.config, "model: [")
    with pytest.raises(InputError) as told:
        facts(hand.source, "hand")
    assert str(hand.run.config) in str(told.value)
    assert "\n" not in str(told.value)


def test_facts_are_read_once_and_anew_when_a_file_has_changed(stored: Stored, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    source = Source(tmp_path)
    before = facts(source, "tiny")
    assert facts(Source(tmp_path), "tiny") is before
    run = source.run("tiny")
    metrics = run.read("metrics").to_pandas()
    metrics = metrics[metrics["epoch"] < 3]
    run.write("metrics", {name: metrics[name].tolist() for name in metrics})
    assert facts(source, "tiny").epochs == before.epochs[:-1]
