"""`python -m pipeline`: single runs and sweeps without DVC."""

import pytest
from filelock import FileLock

from pipeline.__main__ import LONGEST_NAME, run_name
from tests.project import ROOT, Project

SMALL = ["run=tiny", "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=20"]


def started(project: Project, *words: str, status: int = 0) -> tuple[str, str]:
    result = project.command("pipeline", *words)
    assert result.returncode == status, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout, result.stderr


def test_names_say_what_was_changed() -> None:
    assert run_name("paper", []) == "paper"
    assert run_name("paper", ["run=paper", "model.hidden=32"]) == "paper,model.hidden_32"
    assert run_name("paper", ["impacts.epochs=[0,1]", "+maps.layers.x=mean"]) == (
        "paper,impacts.epochs_0_1,maps.layers.x_mean"
    )


def test_help_names_every_network(project: Project) -> None:
    out, _ = started(project, "--help")
    named = next(line for line in out.splitlines() if line.startswith("model:"))
    assert named.removeprefix("model:").replace(" ", "").split(",") == sorted(
        file.stem for file in (ROOT / "conf" / "model").glob("*.yaml")
    )


def test_long_names_are_cut_and_stay_apart() -> None:
    long = [f"model.hidden={number}" for number in range(50)]
    names = {run_name("paper", long), run_name("paper", [*long, "seed=2"])}
    assert len(names) == 2
    assert all(len(name) <= LONGEST_NAME + 9 for name in names)


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
    assert not (project.artifacts / "resume" / "mine").exists()


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
    assert "error: config: model.hidden=0 is not allowed: input should be greater than 0" in err
    assert "model.hidden=0" in err
    rows = project.command("pipeline.sql", "--format", "csv", "SELECT count(DISTINCT run) FROM maps").stdout
    assert rows.split()[-1] == "2"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run=nobody"], "Available options in 'run': paper sentences tiny vowels"),
        (["run=tiny"], "dvc repro keeps"),
        (["trainer.epoch=3"], "trainer.epoch is not a known key; allowed: epochs, batch_size"),
        (
            ["model.hiden=3"],
            "model.hiden is not a known key; allowed, depending on the network: attention, dense, dropout",
        ),
        (["+model.wings=3", "name=x"], "model.wings is not a known key; allowed: network, embedding, hidden"),
        (["model.hidden=big", "name=x"], "model.hidden='big' is not allowed: input should be a valid integer"),
        (["trainer.learning_rate=-1", "name=x"], "trainer.learning_rate=-1 is not allowed"),
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
