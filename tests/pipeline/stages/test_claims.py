"""The claims checked on the tiny run: what is read of the store against its rows, and the files that are written."""

import json
import os
import shlex
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest
import torch

from pipeline import config, store
from pipeline.claims import behind, evidence, neutral_words, report
from pipeline.claims.evidence import Evidence, gathered
from pipeline.claims.pairs import Pair
from pipeline.config import Config
from pipeline.data.words import UNKNOWN, normal, spans
from pipeline.errors import InputError
from pipeline.stages import claims, compose
from pipeline.store import Run, write_text
from tests.project import ROOT, RUN, Project
from tests.stored import Stored

EPOCHS = (0, 1, 2, 3)


@pytest.fixture
def artifacts(stored: Stored, tmp_path: Path) -> Path:
    """A store with the tiny run, in which a test may write."""
    return like(tmp_path, stored, RUN, stored.config)


def like(folder: Path, stored: Stored, name: str, settings: Config) -> Path:
    """The files of the tiny run as another run, with another config."""
    run = Run(name, folder)
    run.folder.mkdir()
    for path in stored.run.folder.iterdir():
        if path.name != "config.yaml":
            os.symlink(path.absolute(), run.folder / path.name)
    write_text(run.config, config.text(settings.model_copy(update={"name": name})))
    return folder


@pytest.fixture
def found(artifacts: Path) -> Evidence:
    return gathered(RUN, artifacts)


def test_both_files_are_written_from_one_report_to_the_same_bytes(artifacts: Path) -> None:
    written = claims.write(RUN, artifacts)
    paths = [artifacts / "claims.json", artifacts / "claims.md"]
    contents = [path.read_bytes() for path in paths]
    assert store.claims(artifacts) == paths[0]
    assert json.loads(contents[0]) == report.plain(written)
    assert [claim.number for claim in written.claims] == [1, 2, 3, 4, 5, 6, 7]
    for claim in written.claims:
        assert f"## {claim.number}. {claim.title}: {claim.verdict}" in contents[1].decode()
    assert str(artifacts).encode() not in contents[0] + contents[1]
    assert written.runs == (behind.known(Run(RUN, artifacts)),)
    claims.write(RUN, artifacts)
    assert [path.read_bytes() for path in paths] == contents


def test_accuracy_is_that_of_the_metrics(found: Evidence, stored: Stored) -> None:
    right = found.right()
    assert tuple(right) == EPOCHS
    for epoch, (count, of) in right.items():
        (row,) = stored.rows("metrics", epoch=epoch, split="test", metric="accuracy")
        assert of == len(stored.rows("examples"))
        assert count / of == pytest.approx(row["value"])


def test_accuracy_on_the_maps(found: Evidence, stored: Stored) -> None:
    said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    assert found.right_on_the_maps() == (sum(said[row["example"]] == row["label"] for row in stored.mapped), 60)


def test_probes_are_those_of_the_maps(found: Evidence, stored: Stored) -> None:
    probes = found.probes()
    assert [(each.layer, each.epoch) for each in probes] == [
        (layer, epoch) for layer in ("embedding", "lstm", "dense") for epoch in EPOCHS
    ]
    for each in probes:
        (row,) = stored.rows("maps", epoch=each.epoch, layer=each.layer)
        assert (each.judged, each.linear, each.neighbor_predicted, each.hit) == (
            row["judged"], row["linear_probe"], row["neighbor_probe_predicted"], row["neighborhood_hit"]
        )  # fmt: skip
        said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=each.epoch)}
        assert each.positive == pytest.approx(np.mean([said[row["example"]] == "pos" for row in stored.mapped]))


def test_steps_go_from_layer_to_layer(found: Evidence, stored: Stored) -> None:
    steps = found.steps()
    for layer, following in (("embedding", "lstm"), ("lstm", "dense")):
        own = [step for step in steps if (step.layer, step.following) == (layer, following)]
        rows = stored.rows("similarity", layer=layer, other_layer=following)
        assert [(step.epoch, step.correlation, step.reviews) for step in own] == [
            (row["epoch"], row["density_correlation"], 60) for row in rows
        ]
        assert own


def test_spaces_are_the_stored_ones(found: Evidence, stored: Stored) -> None:
    spaces = {(each.layer, each.epoch): each for each in found.spaces()}
    assert list(spaces) == [(layer, epoch) for layer in ("embedding", "lstm", "dense") for epoch in EPOCHS]
    one = spaces["lstm", 2]
    vectors = [row["vector"] for row in stored.rows("vectors", epoch=2, layer="lstm")]
    points = [(row["x"], row["y"]) for row in stored.rows("points", epoch=2, layer="lstm")]
    said = {row["example"]: row["probability"] for row in stored.rows("predictions", epoch=2)}
    np.testing.assert_array_equal(one.vectors, np.array(vectors))
    np.testing.assert_array_equal(one.places, np.array(points))
    assert one.probability.tolist() == [said[row["example"]] for row in stored.mapped]


def test_sentences_are_read_as_the_networks_read_them(found: Evidence, stored: Stored) -> None:
    pair = Pair("negative", "boring", "The film was boring.", "The film was not boring, zxqv!")
    readings = found.pair_readings([pair])
    ids = {row["word"]: row["token"] for row in stored.rows("vocabulary")}
    for text in (pair.one, pair.other):
        words = [text[start:stop] for start, stop in spans(text)]
        assert readings[text].words == tuple(words)
        for epoch in (0, 3):
            network = stored.network(epoch)
            for count in range(1, len(words) + 1):
                tokens = torch.tensor([[ids.get(normal(word), UNKNOWN) for word in words[:count]]])
                with torch.no_grad():
                    expected = torch.sigmoid(network(tokens, torch.tensor([count])))
                assert readings[text].after[epoch, count] == pytest.approx(float(expected), abs=1e-6)


def test_words_are_counted_in_reviews_and_places(found: Evidence, stored: Stored) -> None:
    ids = {row["word"]: row["token"] for row in stored.rows("vocabulary")}
    words = {word.word: word for word in found.words()}
    assert list(words) == [*neutral_words.WORDS, neutral_words.UNKNOWN]
    training = stored.rows("training", split="train")
    elements = {(row["example"], row["position"]): row for row in stored.rows("elements")}
    impacts = [row for row in stored.rows("impacts", epoch=3) if row["impact"] is not None]
    largest: dict[int, float] = {}
    for row in impacts:
        largest[row["example"]] = max(largest.get(row["example"], 0), abs(row["impact"]))
    for name in ("movie", "film", neutral_words.UNKNOWN, "rugby"):
        unknown = name == neutral_words.UNKNOWN
        token = ids.get(name, UNKNOWN)  # all that are unknown are one
        held = [row["label"] for row in training if token in row["tokens"]]
        assert (words[name].negative, words[name].positive) == (held.count("neg"), held.count("pos"))
        assert words[name].known == (name in ids)
        own = [
            row for row in impacts
            if (elements[row["example"], row["position"]]["token"] == UNKNOWN if unknown
                else normal(elements[row["example"], row["position"]]["element"]) == name)
        ]  # fmt: skip
        np.testing.assert_allclose(sorted(words[name].impacts), sorted(row["impact"] for row in own), atol=1e-9)
        shares = [abs(row["impact"]) / largest[row["example"]] for row in own]
        np.testing.assert_allclose(sorted(words[name].relative), sorted(shares), atol=1e-9)
    assert words["movie"].even == pytest.approx(np.mean([row["label"] == "pos" for row in training]))


def test_other_runs_are_found_by_what_they_are(artifacts: Path, stored: Stored, found: Evidence) -> None:
    settings = stored.config
    assert list(found.seeds(hidden=True)) == [1]
    assert found.seeds(hidden=False) == {}
    without = settings.model.model_copy(update={"dense": None})
    others = {
        "third": {"seed": 3},
        "beside": {"seed": 3, "impacts": settings.impacts.model_copy(update={"checked": 2})},
        "ninth": {"seed": 9},
        "longer": {"seed": 2, "trainer": settings.trainer.model_copy(update={"epochs": 4})},
        "bare": {"seed": 2, "model": without},
        "wide": {"seed": 2, "model": settings.model.model_copy(update={"hidden": 9})},
    }
    for name, changes in others.items():
        like(artifacts, stored, name, settings.model_copy(update=changes))
    (artifacts / "run=broken").mkdir()
    (artifacts / "run=broken" / "config.yaml").write_text("seed: [", encoding="utf-8")
    again = gathered(RUN, artifacts)
    assert {seed: run.name for seed, run in again.seeds(hidden=True).items()} == {1: RUN, 3: "beside"}
    assert {seed: run.name for seed, run in again.seeds(hidden=False).items()} == {2: "bare"}
    (claim,) = (each for each in claims.write(RUN, artifacts).claims if each.number == 4)
    assert claim.verdict == "not tested"
    assert "make claims" in claim.reading
    assert "Left out: the run broken, whose config cannot be read" in claim.reading
    assert [run.run for run in claims.write(RUN, artifacts).runs] == ["bare", "beside", RUN]


def test_a_run_that_ends_early_is_told_and_not_taken(artifacts: Path, stored: Stored) -> None:
    """Its config promises epoch 3, its tables end at 2."""
    bare = stored.config.model.model_copy(update={"dense": None})
    early = Run("early", like(artifacts, stored, "early", stored.config.model_copy(update={"model": bare})))
    for table in ("predictions", "similarity"):
        rows = stored.table(table)
        early.path(table).unlink()
        pq.write_table(rows.filter(pa.compute.less(rows["epoch"], 3)), early.path(table))
    assert not len(evidence.right_at(3, early))
    assert evidence.right_at(2, early).sum() == gathered(RUN, artifacts).right()[2][0]
    assert max(evidence.similarities(early)) == 2
    (claim,) = (each for each in claims.write(RUN, artifacts).claims if each.number == 4)
    assert "no predictions at epoch 3 of the run without it with seed 1" in claim.reading


def test_layers_and_epochs_that_are_missing_are_not_tested(artifacts: Path, stored: Stored) -> None:
    """The last epoch, or one of the layers: what is left stands for nothing else."""
    for table in ("maps", "points"):
        rows = stored.table(table)
        path = Run(RUN, artifacts).path(table)
        path.unlink()
        kept = pa.compute.invert(
            pa.compute.and_(pa.compute.equal(rows["epoch"], 3), pa.compute.equal(rows["layer"], "lstm"))
        )
        pq.write_table(rows.filter(kept), path)
    rows, path = stored.table("similarity"), Run(RUN, artifacts).path("similarity")
    path.unlink()
    pq.write_table(rows.filter(pa.compute.not_equal(rows["other_epoch"], 3)), path)
    found = {claim.number: claim for claim in claims.write(RUN, artifacts).claims}
    for number, said in (
        (2, "no probes of LSTM state at epoch 3"),
        (3, "no vectors and map at epoch 3"),
        (7, "epoch 3"),
    ):
        assert found[number].verdict == "not tested"
        assert said in found[number].reading
    assert found[1].verdict != "not tested"


def test_make_claims_builds_the_runs_that_are_looked_for(tmp_path: Path) -> None:
    paper = compose.composed("paper")
    made = {"paper": paper}
    for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines():
        words = shlex.split(line.replace("$$", "$")) if line.startswith("\tpython -m pipeline -m") else []
        if words:
            (seeds,) = (word.removeprefix("seed=") for word in words if word.startswith("seed="))
            (choice,) = (word.removeprefix("run=") for word in words if word.startswith("run="))
            others = [word for word in words[4:] if not word.startswith(("seed=", "run="))]
            for seed in seeds.split(","):
                one = compose.composed(choice, [*others, f"seed={seed}"])
                made[one.name] = one
    for name, settings in made.items():
        run = Run(name, tmp_path)
        write_text(run.config, config.text(settings))
        write_text(run.path("predictions"), "")
    found = Evidence(Run("paper", tmp_path), paper)
    with_layer, without = ([run.name for run in found.seeds(hidden).values()] for hidden in (True, False))
    assert with_layer == ["paper", "paper-seed2", "paper-seed3"]
    assert without == ["no_hidden-seed1", "no_hidden-seed2", "no_hidden-seed3"]


def test_a_run_from_before_there_were_probes_is_read(artifacts: Path, stored: Stored) -> None:
    path = Run(RUN, artifacts).path("maps")
    table = stored.table("maps")
    path.unlink()
    pq.write_table(
        table.select([name for name in table.column_names if "probe" not in name and name != "judged"]), path
    )
    assert gathered(RUN, artifacts).probes() == []
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="not a whole Parquet file"):
        gathered(RUN, artifacts).probes()


def test_vectors_and_points_of_two_builds_are_refused(artifacts: Path, stored: Stored) -> None:
    path = Run(RUN, artifacts).path("points")
    table = stored.table("points")
    path.unlink()
    pq.write_table(
        table.set_column(2, "example", table["example"].combine_chunks().take(list(range(len(table)))[::-1])), path
    )
    with pytest.raises(InputError, match="not of one build"):
        gathered(RUN, artifacts).spaces()


def test_a_run_that_is_not_there_is_said_in_one_line(
    artifacts: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(artifacts)
    monkeypatch.setattr(sys, "argv", ["claims"])
    with pytest.raises(SystemExit) as stopped:
        claims.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "error: run 'paper' is not built in artifacts; the claims are made about it: make claims\n"
    )


@pytest.mark.parametrize("name", ["sources", "speakers"])
def test_runs_that_the_claims_are_not_about_are_refused(of_kinds: Project, name: str) -> None:
    with pytest.raises(InputError, match="does not read texts of two classes"):
        gathered(name)


def test_similarities_are_those_of_the_two_layers(tmp_path: Path) -> None:
    """Rows made by hand, whichever of the two layers stands first."""
    run = Run("hand", tmp_path)
    run.folder.mkdir()
    rows = [
        {"epoch": 0, "layer": "lstm", "other_epoch": 0, "other_layer": "dense", "cka": 0.5},
        {"epoch": 1, "layer": "dense", "other_epoch": 1, "other_layer": "lstm", "cka": 0.6},
        {"epoch": 1, "layer": "dense", "other_epoch": 0, "other_layer": "dense", "cka": 0.7},
        {"epoch": 1, "layer": "embedding", "other_epoch": 1, "other_layer": "lstm", "cka": 0.8},
        {"epoch": 2, "layer": "lstm", "other_epoch": 2, "other_layer": "dense", "cka": None},
    ]
    assert evidence.similarities(run) == {}
    pq.write_table(pa.Table.from_pylist(rows), run.path("similarity"))
    assert evidence.similarities(run) == {0: 0.5, 1: 0.6}
