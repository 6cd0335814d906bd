"""Several runs beside one another: small stores written by hand, and copies of the tiny run."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline import config
from pipeline.errors import InputError
from pipeline.store import Run, write_text
from tests.stored import Stored
from viewer.data import comparison
from viewer.data.facts import facts
from viewer.data.maps import LayerMap, mapped
from viewer.data.source import Source


@pytest.fixture
def two(stored: Stored, tmp_path: Path) -> Source:
    """The tiny run and a copy of it, "wide", that predicts otherwise; its predictions are ours to write."""
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    shutil.copytree(stored.run.folder, tmp_path / "run=wide")
    settings = stored.config
    other = settings.model_copy(
        update={
            "name": "wide",
            "model": settings.model.model_copy(update={"hidden": 32}),
            "trainer": settings.trainer.model_copy(update={"learning_rate": 0.5}),
        }
    )
    write_text(tmp_path / "run=wide" / "config.yaml", config.text(other))
    return Source(tmp_path)


def turn_predictions(source: Source, epoch: int, turned: list[int], positive: str = "pos") -> None:
    """In run "wide" at `epoch`, the `turned` examples are predicted otherwise."""
    run = source.run("wide")
    table = run.read("predictions").to_pandas()
    rows = (table["epoch"] == epoch) & table["example"].isin(turned)
    table.loc[rows, "probability"] = 1 - table.loc[rows, "probability"]
    other = {"pos": "neg", "neg": "pos"}
    table.loc[rows, "predicted"] = table.loc[rows, "predicted"].map(other)
    run.write("predictions", {name: table[name].tolist() for name in table})


def test_listing_holds_every_run_and_its_scores(two: Source, stored: Stored) -> None:
    found = comparison.listing(two).set_index("run")
    last = {(row["split"], row["metric"]): row["value"] for row in stored.rows("metrics", epoch=3)}
    assert found.index.tolist() == ["tiny", "wide"]
    assert found.loc["tiny"].to_dict() == {
        "test": last["test", "accuracy"],
        "validation": last["validation", "accuracy"],
        "train": last["train", "accuracy"],
        "loss": last["test", "loss"],
        "epochs": 3,
        "network": "LSTMClassifier",
        "corpus": "sentences",
        "problem": "",
    }


def test_the_last_epoch_of_brought_weights_is_that_of_their_last_file(two: Source) -> None:
    config = two.run("wide").config
    values = yaml.safe_load(config.read_text())
    values["model"]["checkpoints"], values["impacts"]["epochs"] = ["a.pt", "b.pt"], [0, 1]
    config.write_text(yaml.safe_dump(values))
    assert comparison.listing(two).set_index("run")["epochs"].to_dict() == {"tiny": 3, "wide": 1}


def test_a_damaged_run_is_listed_with_the_reason_and_hides_no_other(two: Source) -> None:
    path = two.run("wide").path("points")
    path.write_bytes(path.read_bytes()[:50])
    found = comparison.listing(two).set_index("run")
    assert found.loc["tiny", "problem"] == ""
    assert "not a whole Parquet file" in str(found.loc["wide", "problem"])
    assert "\n" not in str(found.loc["wide", "problem"])


@pytest.mark.parametrize(
    ("lacking", "said"),
    [(["impacts"], "no impacts yet (impacts)"), (["metrics", "impacts", "points"], "no metrics yet (train)")],
)
def test_a_run_that_is_being_built_says_what_it_lacks_first(two: Source, lacking: list[str], said: str) -> None:
    for table in lacking:
        two.run("wide").path(table).unlink()
    found = comparison.listing(two).set_index("run")
    assert said in str(found.loc["wide", "problem"])
    assert np.isnan(found.loc["wide", "test"]) == ("metrics" in lacking)


def test_a_damaged_config_or_metrics_file_leaves_the_others(two: Source) -> None:
    two.run("wide").config.write_text("name: [", encoding="utf-8")
    found = comparison.listing(two).set_index("run")
    assert "not YAML" in str(found.loc["wide", "problem"])
    assert comparison.differences(two, ["tiny", "wide"]).empty
    two.run("wide").path("metrics").write_bytes(b"PAR1")
    assert set(comparison.metrics(two, ["tiny", "wide"])["run"]) == {"tiny"}
    two.run("tiny").path("metrics").unlink()
    assert comparison.metrics(two, ["tiny", "wide"]).empty


def test_differences_are_the_keys_that_differ(two: Source) -> None:
    found = comparison.differences(two, ["tiny", "wide"])
    assert found.to_dict("index") == {
        "model.hidden": {"tiny": "8", "wide": "32"},
        "trainer.learning_rate": {"tiny": "0.01", "wide": "0.5"},
    }
    assert comparison.differences(two, ["tiny"]).empty


def test_a_key_only_one_run_has_is_empty_for_the_other(two: Source, stored: Stored) -> None:
    settings = stored.config
    more = settings.model.model_copy(update={"layers": 2})
    write_text(two.run("wide").config, config.text(settings.model_copy(update={"model": more})))
    assert comparison.differences(two, ["tiny", "wide"]).to_dict("index") == {"model.layers": {"tiny": "", "wide": "2"}}


def test_metrics_of_all_runs(two: Source, stored: Stored) -> None:
    found = comparison.metrics(two, ["tiny", "wide"])
    expected = [(row["epoch"], row["split"], row["metric"], row["value"]) for row in stored.rows("metrics")]
    for _, one in found.groupby("run"):
        assert list(one[["epoch", "split", "metric", "value"]].itertuples(index=False, name=None)) == expected


def test_disagreements_are_where_the_last_predictions_differ(two: Source, stored: Stored) -> None:
    examples = [row["example"] for row in stored.rows("examples")]
    turned = examples[::7]
    turn_predictions(two, 3, turned)
    turn_predictions(two, 0, examples[::2])  # an epoch that does not count
    found = comparison.disagreements(two, facts(two, "tiny"), facts(two, "wide"))
    label = {row["example"]: row["label"] for row in stored.rows("examples")}
    last = {row["example"]: row for row in stored.rows("predictions", epoch=3)}
    assert (found.compared, found.count) == (len(examples), len(turned))
    assert sorted(found.frame["example"]) == sorted(turned)
    assert found.one_right == sum(last[one]["predicted"] == label[one] for one in turned)
    assert found.one_right + found.other_right == len(turned)
    for row in found.frame.to_dict("records"):
        own = last[row["example"]]
        assert (row["one_predicted"], row["one_probability"]) == (own["predicted"], own["probability"])
        assert row["other_predicted"] != own["predicted"]
        assert row["other_probability"] == pytest.approx(1 - own["probability"])
        assert row["label"] == label[row["example"]]
    distances = [abs(2 * last[one]["probability"] - 1) for one in found.frame["example"]]
    assert distances == sorted(distances, reverse=True)
    few = comparison.disagreements(two, facts(two, "tiny"), facts(two, "wide"), shown=3)
    assert (few.count, len(few.frame)) == (len(turned), 3)


def test_probabilities_are_of_one_class_though_the_networks_have_different_outputs(two: Source, stored: Stored) -> None:
    run = two.run("wide")
    run.write("classes", {"class": ["pos", "neg"], "ordinal": [0, 1], "is_output": [False, True]})
    table = run.read("predictions").to_pandas()
    table["class"], table["probability"] = "neg", 1 - table["probability"]
    run.write("predictions", {name: table[name].tolist() for name in table})
    assert facts(two, "wide").positive == "neg"
    found = comparison.predictions(two, facts(two, "wide"), 3).set_index("example")["of pos"]
    for row in stored.rows("predictions", epoch=3):
        assert found[row["example"]] == pytest.approx(row["probability"])


def test_runs_on_different_corpora_have_nothing_in_common(two: Source, stored: Stored) -> None:
    settings = stored.config
    elsewhere = settings.corpus.model_copy(update={"file": "artifacts/corpora/imdb.parquet"})
    write_text(two.run("wide").config, config.text(settings.model_copy(update={"corpus": elsewhere})))
    with pytest.raises(InputError, match=r"no common examples: they read \S*sentences\.parquet and \S*imdb\.parquet"):
        comparison.disagreements(two, facts(two, "tiny"), facts(two, "wide"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"arguments": {"seed": 2}}, "by other columns or arguments"),
        ({"id": "text"}, "by other columns or arguments"),
        ({"seed": 5}, ""),
        ({"max_length": 3, "vocabulary": 9, "test": 0.4}, ""),
    ],
)
def test_numbers_of_examples_mean_the_same_where_the_same_rows_are_read(
    two: Source, stored: Stored, change: dict[str, object], said: str
) -> None:
    settings = stored.config
    corpus = settings.corpus.model_copy(update=change)
    one = facts(two, "tiny")
    other = replace(one, run="wide", config=settings.model_copy(update={"corpus": corpus}))
    assert comparison.same_corpus(one, other) == (not said)
    assert not said or said in comparison.nothing_common(one, other)


def test_runs_that_tell_other_classes_apart_say_so(two: Source) -> None:
    one = facts(two, "tiny")
    other = replace(one, run="wide", classes=("1", "2", "9"), positive="9")
    assert not comparison.same_corpus(one, other)
    assert "they tell other classes apart, neg pos and 1 2 9" in comparison.nothing_common(one, other)


def test_a_missing_table_is_named(two: Source) -> None:
    one, other = facts(two, "tiny"), facts(two, "wide")
    two.run("wide").path("predictions").unlink()
    with pytest.raises(InputError, match="'wide' has no table predictions yet"):
        comparison.disagreements(two, one, other)


def test_common_reviews_are_matched_by_number(two: Source) -> None:
    ours = mapped(two, facts(two, "tiny"))
    kept = sorted(int(example) for example in ours.examples)[5:]
    Run("wide", two.artifacts).write("mapped", {"example": kept})
    theirs = mapped(Source(two.artifacts), facts(two, "wide"))
    mine, others = comparison.common_reviews(ours, theirs)
    assert ours.examples[mine].tolist() == theirs.examples[others].tolist()
    assert sorted(ours.examples[mine].tolist()) == kept
    assert mine.tolist() == sorted(mine.tolist())


def layer_map(xy: np.ndarray) -> LayerMap:
    nothing = np.zeros((len(xy), 0))
    return LayerMap(0, "lstm", xy, np.ones(len(xy)), nothing.astype(np.int64), nothing, 0.0, 1.0, 1.0)


def test_a_turned_and_mirrored_map_is_brought_back_by_its_common_rows() -> None:
    target = np.random.default_rng(0).normal(size=(20, 2))
    angle = 1.2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    strangers = np.array([[50.0, 50.0], [-3.0, 70.0]])
    source = np.concatenate([strangers, target[::-1] @ turn + 7])
    rows, target_rows = np.arange(2, 22), np.arange(19, -1, -1)
    found = comparison.turn(layer_map(source), rows, layer_map(target), target_rows)
    np.testing.assert_allclose(found.apply(source[rows]), target[target_rows], atol=1e-9)
    assert found.residual == pytest.approx(0, abs=1e-9)
