"""`python -m pipeline`: single runs and sweeps without DVC."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from filelock import FileLock

from pipeline.jobs import STAGES
from tests.project import ROOT, Project

SMALL = ["run=tiny", "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=20"]
SWEPT = "tiny,trainer.epochs_1,impacts.epochs_0_1,maps.examples_20,"  # what the names of such runs begin with


def started(project: Project, *words: str, status: int = 0) -> tuple[str, str]:
    result = project.command("pipeline", *words)
    assert result.returncode == status, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout, result.stderr


def test_help_names_every_network(project: Project) -> None:
    out, _ = started(project, "--help")
    named = next(line for line in out.splitlines() if line.startswith("model:"))
    assert named.removeprefix("model:").replace(" ", "").split(",") == sorted(
        file.stem for file in (ROOT / "conf" / "model").glob("*.yaml")
    )


def test_a_run_is_built_once_and_left_alone(project: Project) -> None:
    out, _ = started(project, "name=mine", *SMALL)
    assert "mine: done" in out
    results = project.artifacts / "run=mine"
    before = {path.name: path.stat().st_mtime_ns for path in results.iterdir()}
    out, _ = started(project, "name=mine", *SMALL)
    assert "complete already" in out
    assert {path.name: path.stat().st_mtime_ns for path in results.iterdir()} == before
    _, err = started(project, "name=mine", *SMALL, "maps.graph_neighbors=4", status=2)
    assert "artifacts/run=mine: a finished run with another config; choose another name" in err
    assert {path.name: path.stat().st_mtime_ns for path in results.iterdir()} == before

    (results / "faithfulness.parquet").unlink()  # as a run was before there was this stage
    out, _ = started(project, "name=mine", *SMALL)
    assert [line for line in out.splitlines() if line.startswith("mine: ")][:-1] == ["mine: faithfulness"]
    assert {path.name for path in results.iterdir()} == set(before)
    assert (results / "impacts.parquet").stat().st_mtime_ns == before["impacts.parquet"]


def test_an_unfinished_run_may_change_its_config_and_a_refused_one_leaves_nothing(project: Project) -> None:
    started(project, "name=mine", *SMALL, "corpus.file=nowhere.parquet", status=2)
    assert not (project.artifacts / "run=mine").exists()
    started(project, "name=mine", *SMALL)
    (project.artifacts / "run=mine" / "maps.parquet").unlink()
    out, _ = started(project, "name=mine", *SMALL, "maps.graph_neighbors=4")
    assert "mine: done" in out


def test_a_run_that_another_process_builds_is_refused(project: Project) -> None:
    (project.artifacts / "resume").mkdir()
    with FileLock(project.artifacts / "resume" / "mine.lock"):
        _, err = started(project, "name=mine", *SMALL, status=2)
    assert "run 'mine' is being built by another process" in err
    assert not (project.artifacts / "run=mine").exists()


def test_a_sweep_goes_on_past_a_failed_job_and_names_it(project: Project) -> None:
    out, err = started(project, "-m", *SMALL, "model.hidden=4,0,6", status=2)
    assert "model.hidden_4: done" in out
    assert "model.hidden_6: done" in out
    assert "model.hidden=0: config: model.hidden=0 is not allowed: input should be greater than 0" in err
    assert err.splitlines()[-1] == "2 of 3 jobs are done; the same command goes on"
    rows = project.command("pipeline.sql", "--format", "csv", "SELECT count(DISTINCT run) FROM maps").stdout
    assert rows.split()[-1] == "2"


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_a_module_that_exits_as_it_is_imported_ends_its_own_job_alone(project: Project, launcher: str) -> None:
    tools = ("their_tool", "other_tool")
    for tool in tools:
        (project.folder / f"{tool}.py").write_text(f'import sys\n\nsys.exit("usage: {tool} TABLE")\n')
    words = ["-m", *SMALL, f"hydra/launcher={launcher}", "model.network=their_tool.Net,other_tool.Net"]
    _, err = started(project, *words, status=2)
    *told, count = err.splitlines()[-3:]
    for tool, line in zip(tools, told, strict=True):
        assert f"model.network={tool}.Net: config: model.network='{tool}.Net' cannot be imported: " in line
        assert line.endswith(f"SystemExit: usage: {tool} TABLE ({project.folder / tool}.py, line 3)")
    assert count == "0 of 2 jobs are done; the same command goes on"


def test_a_sweep_that_was_stopped_goes_on_where_it_was(project: Project) -> None:
    words = ["-m", *SMALL, "model.hidden=4,5,6"]
    with killing(project, "5"):
        assert project.command("pipeline", *words).returncode == -signal.SIGKILL
    done, killed = (f"{SWEPT}model.hidden_{hidden}" for hidden in (4, 5))
    before = times(project, done)
    assert before
    assert not (project.artifacts / f"run={SWEPT}model.hidden_6").exists()
    out, err = started(project, *words)
    assert [line for line in out.splitlines() if "complete already" in line] == [
        f"{done}: complete already, left alone; to build it anew remove it first: python -m pipeline.runs remove {done}"
    ]
    assert times(project, done) == before
    assert built_stages(out, killed) == [*STAGES, "done (artifacts/run=" + killed + ")"]
    assert err.count("going on after epoch 1 of 1") == 1  # the training of the killed one was finished
    assert "model.hidden_6: done" in out


def test_jobs_side_by_side_leave_a_failed_one_alone(project: Project) -> None:
    out, err = started(project, "-m", *SMALL, "hydra/launcher=joblib", "model.hidden=4,0,6", status=2)
    assert "model.hidden_4: done" in out
    assert "model.hidden_6: done" in out
    assert "model.hidden_6: epoch 1 of 1" in err  # whose epoch it is
    assert "model.hidden=0: config: model.hidden=0 is not allowed" in err
    assert "2 of 3 jobs are done; the same command goes on" in err


def test_a_sweep_whose_jobs_were_killed_names_all_that_are_not_done_and_goes_on(project: Project) -> None:
    words = ["-m", *SMALL, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "model.hidden=4,5,6,7"]
    with killing(project, "45"):
        _, err = started(project, *words, status=2)
    told = [line for line in err.splitlines() if line.startswith("error: ") or line.endswith("goes on")]
    first, second, third, fourth, launcher, count = told
    for hidden, line in zip((4, 5), (first, second), strict=True):
        assert f"model.hidden={hidden}: has not said how it ended: killed" in line
    for hidden, line in zip((6, 7), (third, fourth), strict=True):
        assert line.endswith(f"model.hidden={hidden}: not started")
    assert launcher.startswith(
        "error: TerminatedWorkerError: A worker process managed by the executor was unexpectedly"
    )
    assert count == "0 of 4 jobs are done; the same command goes on"
    out, err = started(project, *words)
    for hidden in (4, 5, 6, 7):
        name = f"{SWEPT}model.hidden_{hidden}"
        assert f"{name}: done" in out
        assert (f"{name}: going on after epoch 1 of 1" in err) == (hidden < 6)


KILLED = """
    import os, time
    from pathlib import Path
    if run.name[-1] in {hidden!r}:
        while not all(Path(f"artifacts/run={{run.name[:-1]}}{{other}}/scores.json").exists() for other in {hidden!r}):
            time.sleep(0.01)
        os.kill(os.getpid(), 9)
"""


@contextmanager
def killing(project: Project, hidden: str) -> Iterator[None]:
    """A copy in which the runs with so many hidden units, a digit each, are killed once all of them are trained."""
    stage = project.folder / "pipeline/stages/maps.py"
    text = stage.read_text()
    place = text.index("\n", text.index("def write(run: Run, config: Config) -> None:"))
    stage.write_text(text[:place] + KILLED.format(hidden=hidden) + text[place:])
    try:
        yield
    finally:
        stage.write_text(text)


def times(project: Project, name: str) -> dict[str, int]:
    """When each file of a run was written."""
    folder = project.artifacts / f"run={name}"
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def built_stages(out: str, name: str) -> list[str]:
    """What a command said of a run, a line each."""
    return [line.removeprefix(f"{name}: ") for line in out.splitlines() if line.startswith(f"{name}: ")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run=nobody"], "Available options in 'run': no_hidden paper ratings sentences tiny vowels"),
        (["run=tiny"], "dvc repro keeps"),
        (["model=3"], "config: a group of settings is chosen by its name, as in model=lstm: "),
        (["trainer=null"], "config: a group of settings is chosen by its name, as in model=lstm: "),
        (["trainer.epoch=3"], "trainer.epoch is not a known key; allowed: epochs, batch_size"),
        (
            ["model.hiden=3"],
            "model.hiden is not a known key; allowed, depending on the network: attention, dense, dropout",
        ),
        (["+model.wings=3", "name=x"], "model.wings is not a known key; allowed: network, embedding, hidden"),
        (["model.hidden=big", "name=x"], "model.hidden='big' is not allowed: input should be a valid integer"),
        (["trainer.learning_rate=-1", "name=x"], "trainer.learning_rate=-1 is not allowed"),
        (["trainer.devices=auto", "name=x"], "trainer.devices='auto' is not allowed: input should be how many"),
        (["trainer.devices=[2,3]", "name=x"], "which of its GPUs these are, CUDA_VISIBLE_DEVICES says"),
        (["impacts.epochs=[0,99]", "name=x"], "impacts.epochs: 99 is not reached; trainer.epochs is"),
        (["+maps.layers.head=last", "name=x"], "maps.layers.head is not a layer of this network; it has embedding"),
        (["name=../x"], "name='../x' is not allowed"),
        (["corpus.file=nowhere.parquet", "name=x"], "nowhere.parquet: no such file"),
        (["corpus.label=stars", "name=x", "run=tiny"], "no column 'stars' (corpus.label); there are id, source"),
        (
            ["corpus.classes=[good,bad]", "name=x", "run=tiny"],
            "row 1 (the first is row 1), column 'label': 'neg' is not one of",
        ),
        (["maps.examples=2000", "name=x", "run=tiny"], "maps.examples=2000 is more than"),
    ],
)
def test_a_wrong_config_is_refused_in_one_line(built: Project, words: list[str], said: str) -> None:
    _, err = started(built, *words, status=2)
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (built.artifacts / "run=x").exists()
