"""Training: what is published, and that a killed training goes on to the same bytes."""

import itertools
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.data.batches import EVALUATED, Batches
from pipeline.data.sequences import Sequences
from pipeline.errors import InputError
from pipeline.models.checkpoints import Description
from pipeline.models.resume import FinishedEpochs
from pipeline.stages import train
from pipeline.stages.compose import composed
from tests.pipeline.stages.killing import PUBLISHED, published, wait_for
from tests.project import Project
from tests.stored import Stored


def test_every_epoch_has_a_checkpoint_and_the_first_is_untrained(stored: Stored) -> None:
    files = sorted(stored.run.checkpoints.iterdir())
    assert [file.name for file in files] == [f"epoch={epoch:03d}.ckpt" for epoch in range(4)]
    weights = [torch.load(file, weights_only=True)["weights"] for file in files]
    # Nothing has moved an untrained embedding: standard normal, zero for the padding.
    assert weights[0]["embedding.weight"][1:].std() == pytest.approx(1, abs=0.05)
    for earlier, later in itertools.pairwise(weights):
        assert not torch.equal(earlier["embedding.weight"], later["embedding.weight"])


def test_metrics_are_those_of_the_published_weights(stored: Stored) -> None:
    labels = {row["example"]: row["label"] for row in stored.rows("examples")}
    for epoch in (0, 3):
        network, right, total = stored.network(epoch), 0, 0.0
        for example, label in labels.items():
            tokens = stored.tokens_of[example]
            with torch.no_grad():
                probability = torch.sigmoid(network(tokens, torch.tensor([tokens.shape[1]])).double()).item()
            right += (probability >= 0.5) == (label == "pos")
            total -= torch.tensor(probability if label == "pos" else 1 - probability).log().item()
        expected = {"accuracy": right / len(labels), "loss": total / len(labels)}
        for metric, value in expected.items():
            (row,) = stored.rows("metrics", epoch=epoch, split="test", metric=metric)
            assert row["value"] == pytest.approx(value, abs=1e-5)


def test_metrics_of_training_examples_are_those_of_the_published_weights(stored: Stored) -> None:
    network = stored.network(3)
    for split in ("train", "validation"):
        rows = stored.rows("training", split=split)
        right = 0
        for row in rows:
            with torch.no_grad():
                logit = network(torch.tensor([row["tokens"]]), torch.tensor([len(row["tokens"])])).item()
            right += (logit >= 0) == (row["label"] == "pos")
        (metric,) = stored.rows("metrics", epoch=3, split=split, metric="accuracy")
        assert metric["value"] == pytest.approx(right / len(rows), abs=1e-9)


def test_predictions_cover_every_test_example_at_every_checkpoint(stored: Stored) -> None:
    rows = stored.rows("predictions")
    examples = stored.table("examples")["example"].to_pylist()
    assert [(row["epoch"], row["example"]) for row in rows] == [(e, x) for e in range(4) for x in examples]
    assert all(row["predicted"] == ("pos" if row["probability"] >= 0.5 else "neg") for row in rows)


def test_dvc_metrics_and_curves_say_what_the_store_says(stored: Stored) -> None:
    scores = json.loads(stored.run.scores.read_text())
    lines = stored.run.curve("accuracy").read_text().splitlines()
    assert lines[0] == "epoch,train,validation,test"
    for column, split in enumerate(("train", "validation", "test"), 1):
        values = [row["value"] for row in stored.rows("metrics", split=split, metric="accuracy")]
        assert [float(line.split(",")[column]) for line in lines[1:]] == pytest.approx(values, abs=1e-6)
        assert scores[split]["accuracy"] == pytest.approx(values[-1], abs=1e-6)


class AtMost(nn.Module):
    """A network with places for so many elements."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.embedding, self.places = nn.Embedding(5, 1, padding_idx=0), places

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        if inputs.shape[1] > self.places:
            raise IndexError("no place left")
        logits: torch.Tensor = self.embedding(inputs).sum(dim=1)
        return logits


def of_lengths(*lengths: int) -> Sequences:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    count = len(lengths)
    return Sequences(np.arange(count), np.zeros(count, np.int64), np.ones(offsets[-1], np.int32), offsets)


@pytest.mark.parametrize("longest", ["train", "validation", "test"])
def test_the_longest_text_of_every_split_is_tried_before_the_training(longest: str) -> None:
    data = Batches({name: of_lengths(1, 9 if name == longest else 4, 2) for name in EVALUATED}, 2, seed=0)
    config = composed("sentences")
    description = Description(f"{__name__}.AtMost", {"places": 9}, tokens=5, outputs=1)
    train.tried(description, data, ["neg", "pos"], config)
    with pytest.raises(
        InputError, match=r"^config: model.network fails on sequences of 1, 2, 9 elements: IndexError: no place left"
    ):
        train.tried(replace(description, arguments={"places": 8}), data, ["neg", "pos"], config)


class Bits(nn.Module):
    """Notes in how many bits it answers."""

    seen: ClassVar[set[tuple[bool, torch.dtype]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.output = nn.Embedding(5, 2, padding_idx=0), nn.Linear(2, 1)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.output(self.embedding(inputs).sum(dim=1))
        self.seen.add((self.training, logits.dtype))
        return logits


@pytest.mark.parametrize(("precision", "learned"), [("32-true", torch.float32), ("bf16-mixed", torch.bfloat16)])
def test_what_learns_in_16_bits_is_recorded_in_32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, learned: torch.dtype
) -> None:
    """On the CPU, for which a config may not ask it: not every one can, for every layer."""
    monkeypatch.setattr(Bits, "seen", set())
    config = composed("sentences", ["trainer.epochs=1", "impacts.epochs=all"])
    config = config.model_copy(update={"trainer": config.trainer.model_copy(update={"precision": precision})})
    data = Batches({name: of_lengths(1, 4, 2) for name in EVALUATED}, 2, seed=0)
    description = Description(f"{__name__}.Bits", {}, tokens=5, outputs=1)
    monkeypatch.setattr(Description, "build", lambda _: Bits())
    epochs = FinishedEpochs(tmp_path, "key")
    train.train(data, epochs, description, config)
    assert Bits.seen == {(True, learned), (False, torch.float32)}
    weights = torch.load(epochs.checkpoint(1), weights_only=True)["weights"]
    assert {value.dtype for value in weights.values()} == {torch.float32}
    assert {epochs.read_evaluation(epoch)[1].dtype for epoch in range(2)} == {torch.float32}


@pytest.mark.parametrize("file", ["epoch=000.ckpt", "state-001.ckpt", "epoch=002.evaluation", "state-003.ckpt"])
def test_a_killed_training_goes_on_to_the_same_bytes(workshop: Project, file: str) -> None:
    expected = published(workshop)
    (epochs,) = (workshop.artifacts / "resume" / "tiny").iterdir()
    shutil.rmtree(epochs)
    for name in PUBLISHED:
        (workshop.results / name).unlink()
    shutil.rmtree(workshop.results / "checkpoints")
    process = workshop.start("pipeline.stages.train", "tiny")
    wait_for(epochs / file, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    result = workshop.stage("train")
    assert result.returncode == 0, result.stderr
    finished = int(file[6:9]) if file.startswith("state") else None
    if finished:
        assert f"going on after epoch {finished} of 3" in result.stderr
    assert published(workshop) == expected


def test_a_training_stopped_by_hand_says_so_in_one_line(workshop: Project) -> None:
    (epochs,) = (workshop.artifacts / "resume" / "tiny").iterdir()
    shutil.rmtree(epochs)
    process = workshop.start("pipeline.stages.train", "tiny")
    wait_for(epochs / "state-001.ckpt", process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "error: stopped; run the same command again to go on"
    assert "Traceback" not in said


def test_a_finished_training_that_was_killed_before_dvc_noticed_is_not_repeated(workshop: Project) -> None:
    expected = published(workshop)
    shutil.rmtree(workshop.results / "checkpoints")
    result = workshop.stage("train")
    assert "going on after epoch 3 of 3" in result.stderr
    assert "epoch 1 of 3" not in result.stderr
    assert published(workshop) == expected


def test_a_damaged_epoch_is_trained_anew(workshop: Project) -> None:
    expected = published(workshop)
    (epochs,) = (workshop.artifacts / "resume" / "tiny").iterdir()
    state = epochs / "state-003.ckpt"
    state.write_bytes(state.read_bytes()[:1000])
    shutil.rmtree(workshop.results / "checkpoints")
    result = workshop.stage("train")
    assert result.returncode == 0, result.stderr
    assert "state-003.ckpt is damaged; training starts anew" in result.stderr
    assert published(workshop) == expected


def test_other_inputs_never_resume_from_these_epochs(workshop: Project) -> None:
    workshop.edit("conf/run/tiny.yaml", "learning_rate: 0.01", "learning_rate: 0.02")
    before = published(workshop)
    for stage in ("compose", "train"):
        assert workshop.stage(stage).returncode == 0
    after = published(workshop)
    assert after["epoch=000.ckpt"] == before["epoch=000.ckpt"]  # the same seed, untrained
    assert after["epoch=001.ckpt"] != before["epoch=001.ckpt"]
    assert len(list((workshop.artifacts / "resume" / "tiny").iterdir())) == 1


def test_brought_weights_are_evaluated_and_not_trained(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workshop.folder)
    tiny = Stored("tiny")
    Path("weights").mkdir()
    for epoch, step in ((3, 9), (1, 10)):  # in order of the steps: 9 is epoch 0 of the new run
        torch.save(tiny.network(epoch).state_dict(), f"weights/step-{step}.pt")
    words = ["run=tiny", "name=brought", "+model.checkpoints=weights/*.pt", "impacts.epochs=all"]
    result = workshop.command("pipeline", *words)
    assert result.returncode == 0, result.stderr
    assert "epoch 1 of 1" in result.stderr
    brought = Stored("brought")
    assert [file.name for file in sorted(brought.run.checkpoints.iterdir())] == ["epoch=000.ckpt", "epoch=001.ckpt"]
    for epoch, original in ((0, 3), (1, 1)):
        weights = brought.network(epoch).state_dict()
        assert all(torch.equal(value, weights[name]) for name, value in tiny.network(original).state_dict().items())
        for table in ("metrics", "predictions", "vectors"):
            here, there = brought.rows(table, epoch=epoch), tiny.rows(table, epoch=original)
            assert [row | {"epoch": None} for row in here] == [row | {"epoch": None} for row in there], table
    last = brought.rows("impacts", epoch=0)
    assert [row | {"epoch": 3} for row in last] == tiny.rows("impacts", epoch=3)
    assert {row["epoch"] for row in brought.rows("maps")} == {0, 1}
    assert {row["value"] for row in brought.rows("config", key="model.checkpoints")} == {
        "[weights/step-9.pt, weights/step-10.pt]"
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["+model.checkpoints=nowhere/*.pt"], "config: model.checkpoints='nowhere/*.pt' matches no file"),
        (["model.checkpoints=weights/*.pt"], "name them with a plus"),
        (["+model.checkpoints=weights/*.pt"], "model.checkpoints are epochs 0 to 0 (impacts.epochs=all names every"),
        (["+model.checkpoints=weights/*.pt", "impacts.epochs=all"], "odd.pt: its weights do not fit the network"),
    ],
)
def test_brought_weights_that_are_wrong_are_told_in_one_line(workshop: Project, words: list[str], said: str) -> None:
    (workshop.folder / "weights").mkdir()
    torch.save({"lstm.weight": torch.zeros(1)}, workshop.folder / "weights" / "odd.pt")
    result = workshop.command("pipeline", "run=tiny", "name=brought", *words)
    assert result.returncode == 2
    assert said in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


NORMED = """from torch import nn


class Normed(nn.Module):
    def __init__(self, tokens, outputs):
        super().__init__()
        self.embedding, self.norm, self.output = nn.Embedding(tokens, 4), nn.BatchNorm1d(4), nn.Linear(4, outputs)

    def forward(self, inputs, lengths):
        kept = (inputs > 0)[..., None] * self.embedding(inputs)
        return self.output(self.norm(kept.sum(dim=1)))
"""


@pytest.mark.parametrize("devices", [1, 2])
def test_a_network_that_fails_only_while_it_learns_is_told_in_one_line(workshop: Project, devices: int) -> None:
    """Of 1890 training sentences the last batch, or one process's share of it, holds one: too few for BatchNorm."""
    (workshop.folder / "mine.py").write_text(NORMED)
    (workshop.folder / "conf/model/normed.yaml").write_text(
        "# @package _global_\nmodel: {network: mine.Normed}\nmaps: {layers: {embedding: mean}}\n"
    )
    edits = ("model: {embedding: 8, hidden: 8, dense: 8}\n", "")
    workshop.edit("conf/run/tiny.yaml", *edits)
    words = ["run=tiny", "name=normed", "model=normed", f"trainer.batch_size={1890 - devices}"]
    result = workshop.command("pipeline", *words, f"trainer.devices={devices}")
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    told = result.stderr.splitlines()[-1]
    assert told.startswith("error: config: model.network fails on a training batch of 1: ValueError: Expected more")
    assert told.endswith(f" ({workshop.folder}/mine.py, line 11)")


def test_what_another_process_refused_is_told_as_if_it_were_here_and_its_bugs_are_not() -> None:
    text = "\n\n-- Process 1 terminated with the following error:\nTraceback (most recent call last):\n  somewhere\n"
    assert train.refused(f"{text}pipeline.errors.InputError: epoch 2: a: b\n") == "epoch 2: a: b"
    assert not train.refused(f"{text}KeyError: 'pipeline.errors.InputError: x'\n")
