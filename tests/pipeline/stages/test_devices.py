"""Training on several devices: two processes learn what one learns, go on when killed, and keep one set of files."""

import os
import shutil
import signal

import pytest
import torch

from tests.pipeline.stages.killing import appeared, published, wait_for
from tests.project import Project
from tests.stored import Stored

# 1890 training sentences in batches of 17: shares of 9 and 8, at the end of 2 and 1.
ODD = ("run=tiny", "trainer.batch_size=17", "trainer.epochs=2", "impacts.epochs=[0,2]", "model.dropout=0")


def built(project: Project, *words: str) -> str:
    result = project.command("pipeline", *words)
    assert result.returncode == 0, result.stderr
    return result.stderr


def test_two_processes_learn_what_one_learns(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    built(workshop, *ODD, "name=one")
    said = built(workshop, *ODD, "name=two", "trainer.devices=2")
    assert [line.partition(":")[0] for line in said.splitlines()] == [f"epoch {n} of 2" for n in range(3)]  # once each
    monkeypatch.chdir(workshop.folder)
    one, two = Stored("one"), Stored("two")
    assert sorted(path.name for path in one.run.folder.rglob("*")) == sorted(
        path.name for path in two.run.folder.rglob("*")
    )
    for epoch in range(3):
        weights = two.network(epoch).state_dict()
        for name, value in one.network(epoch).state_dict().items():
            torch.testing.assert_close(weights[name], value, rtol=0, atol=1e-4)
    for table, value, bound in (("metrics", "value", 1e-4), ("predictions", "probability", 1e-4)):
        for here, there in zip(one.rows(table), two.rows(table), strict=True):
            assert here | {value: None, "predicted": None} == there | {value: None, "predicted": None}
            assert there[value] == pytest.approx(here[value], abs=bound)
    assert {row["value"] for row in two.rows("config", key="trainer.devices")} == {"2"}
    assert not one.rows("config", key="trainer.devices")  # as the config was before there were several


def test_a_killed_training_of_two_goes_on_to_the_same_bytes(workshop: Project) -> None:
    workshop.edit("conf/run/tiny.yaml", "learning_rate: 0.01", "learning_rate: 0.01, devices: 2")
    assert workshop.repro() == ["compose", "train", "impacts", "maps", "faithfulness"]
    expected = published(workshop)
    (epochs,) = (workshop.artifacts / "resume" / "tiny").iterdir()
    shutil.rmtree(epochs)
    shutil.rmtree(workshop.results / "checkpoints")
    process = workshop.start("pipeline.stages.train", "tiny")
    wait_for(epochs / "state-001.ckpt", process)
    process.send_signal(signal.SIGKILL)
    process.communicate()  # until the processes that it started have closed its outputs too
    result = workshop.stage("train")
    assert result.returncode == 0, result.stderr
    assert "going on after epoch" in result.stderr
    assert published(workshop) == expected


@pytest.mark.parametrize("everyone", [False, True], ids=["the first alone", "all, as by Ctrl-C"])
def test_a_training_of_two_that_is_stopped_says_so_in_one_line(workshop: Project, everyone: bool) -> None:
    workshop.edit("conf/run/tiny.yaml", "epochs: 3", "epochs: 300, devices: 2")
    assert workshop.stage("compose").returncode == 0
    shutil.rmtree(workshop.artifacts / "resume")
    process = workshop.start("pipeline.stages.train", "tiny", start_new_session=True)
    first = appeared(workshop.artifacts / "resume", "tiny/*/epoch=001.ckpt", process)
    if everyone:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    _, said = process.communicate()  # ends only when all processes have ended
    assert process.returncode == 130
    assert said.splitlines()[-1] == "error: stopped; run the same command again to go on"
    assert "Traceback" not in said
    assert not first.with_name("epoch=300.ckpt").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["trainer.strategy=ddp", "trainer.devices=2"],
            "trainer.strategy='ddp' is not allowed: each process would start the whole command anew, a sweep too; take",
        ),
        (["trainer.devices=0"], "trainer.devices=0 is not allowed: input should be greater than 0"),
        (["trainer.accelerator=abacus"], "trainer.accelerator='abacus' is not allowed"),
        pytest.param(
            ["trainer.accelerator=cuda"],
            "config: trainer.accelerator='cuda': ",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test lacks"),
        ),
    ],
)
def test_devices_that_cannot_be_used_are_told_in_one_line(workshop: Project, words: list[str], said: str) -> None:
    result = workshop.command("pipeline", "run=tiny", "name=bad", *words)
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
