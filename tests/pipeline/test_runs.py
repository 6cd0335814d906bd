"""`python -m pipeline.runs`: list, promote, remove, on a private copy with one run that DVC keeps and swept ones."""

import shlex

import pytest
import yaml

from pipeline import config, jobs, store
from pipeline.errors import InputError
from pipeline.runs import promote, with_run
from pipeline.store import Run
from tests.project import RUN, Project

SMALL = ["run=tiny", "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=20"]
TABLES = ("impacts", "points", "metrics", "predictions", "elements")


def runs(project: Project, *words: str, status: int = 0) -> str:
    result = project.command("pipeline.runs", *words, input="")
    assert result.returncode == status, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert status == 0 or len(result.stderr.splitlines()) == 1
    return result.stdout + result.stderr


def test_a_swept_run_is_promoted_and_built_without_training(workshop: Project) -> None:
    swept = workshop.command("pipeline", "-m", *SMALL, "model.hidden=4,6")
    assert swept.returncode == 0, swept.stderr
    name = "tiny,trainer.epochs_1,impacts.epochs_0_1,maps.examples_20,model.hidden_6"
    listed = {line.split()[0]: line for line in runs(workshop).splitlines()}
    assert set(listed) == {"run", RUN, name, name.replace("hidden_6", "hidden_4")}
    assert "kept by DVC" in listed[RUN]
    scores = yaml.safe_load((workshop.artifacts / f"run={name}" / "scores.json").read_text())
    assert f"{100 * scores['test']['accuracy']:.1f} %" in listed[name]

    promoted = runs(workshop, "promote", name, "wide")
    assert "conf/run/wide.yaml" in promoted
    assert "does not watch" not in promoted
    assert yaml.safe_load((workshop.folder / "params.yaml").read_text())["runs"] == [RUN, "wide"]
    built = workshop.command("dvc", "repro")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "going on after epoch 1 of 1" in built.stderr  # nothing was trained anew
    one, other = (workshop.artifacts / f"run={each}" for each in (name, "wide"))
    for table in TABLES:
        assert (one / f"{table}.parquet").read_bytes() == (other / f"{table}.parquet").read_bytes(), table
    configs = [yaml.safe_load((folder / "config.yaml").read_text()) for folder in (one, other)]
    assert configs[0] | {"name": "wide"} == configs[1]
    assert workshop.repro() == []

    assert "removed" in runs(workshop, "remove", "tiny,*", "--yes")
    assert sorted(path.name for path in workshop.artifacts.glob("run=*")) == ["run=none", f"run={RUN}", "run=wide"]
    assert [path.name for path in (workshop.artifacts / "resume").glob("tiny,*")] == []


def test_promote_names_the_files_that_dvc_does_not_watch_and_what_to_run_after_a_change(
    workshop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workshop.folder)
    weights = [f"weights/{epoch}.pt" for epoch in range(4)]
    for name in ("reviews.csv", "own.py", *weights):
        store.write_text(workshop.folder / name, name)
    tiny = config.read(Run(RUN).config)
    corpus = tiny.corpus.model_copy(update={"file": "reviews.csv"})
    model = tiny.model.model_copy(update={"network": "own.Network", "checkpoints": weights})
    mine = tiny.model_copy(update={"name": "mine", "corpus": corpus, "model": model})
    store.write_text(Run("mine").config, config.text(mine))
    (said,) = (line for line in runs(workshop, "promote", "mine", "wide").splitlines() if "does not watch" in line)
    assert said.startswith(f"DVC does not watch own.py, reviews.csv, {', '.join(weights)}: after a change there")
    words = shlex.split(said.partition("run ")[2])
    assert words[:2] == ["dvc", "repro"]
    rebuilt = workshop.command(*words, "--dry")
    assert rebuilt.returncode == 0, rebuilt.stderr
    stages = [line.split("'")[1] for line in rebuilt.stdout.splitlines() if line.startswith("Running stage")]
    assert stages == [f"{stage}@wide" for stage in ("compose", *jobs.STAGES)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# c\nruns:\n  - a\n  - b\n", "# c\nruns:\n  - a\n  - b\n  - new\n"),
        ("runs:\n- a  # the first\n# end\n", "runs:\n- a  # the first\n- new\n# end\n"),
        ("runs:\n  - a", "runs:\n  - a\n  - new"),
        ("runs:\n  - a\nothers:\n  - b\n", "runs:\n  - a\n  - new\nothers:\n  - b\n"),
        ("runs: [a, b]  # all\n", "runs: [a, b, new]  # all\n"),
        ("runs: [\n  a,  # the first\n]\n", "runs: [\n  a, new,  # the first\n]\n"),
        ("runs: []\n", "runs: [new]\n"),
        ("runs: [  # none yet\n]\n", "runs: [  # none yet\nnew]\n"),
        ("runs:\n  # - a\n", "runs: [new]\n  # - a\n"),
        ("runs: null  # none\nmore: 1\n", "runs: [new]  # none\nmore: 1\n"),
    ],
)
def test_a_run_is_added_in_the_style_of_the_list_and_comments_stay(before: str, after: str) -> None:
    assert with_run(before, "new") == after
    assert jobs.listed(after) == [*jobs.listed(before), "new"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("", "no list of names behind `runs`; write one, such as runs: [paper]"),
        ("others: [a]\n", "no list of names behind `runs`"),
        ("runs: paper\n", "no list of names behind `runs`"),
        ("runs: {a: 1}\n", "no list of names behind `runs`"),
        ("runs: [1, 2]\n", "no list of names behind `runs`"),
        ("runs: [a\n", "params.yaml: not YAML ("),
    ],
)
def test_a_list_of_runs_that_is_none_is_told_before_anything_is_written(
    workshop: Project, monkeypatch: pytest.MonkeyPatch, params: str, said: str
) -> None:
    monkeypatch.chdir(workshop.folder)
    (workshop.folder / "params.yaml").write_text(params)
    with pytest.raises(InputError) as refusal:
        promote(RUN, "wide")
    assert said in str(refusal.value)
    untouched(workshop, params)


def untouched(project: Project, params: str) -> None:
    assert (project.folder / "params.yaml").read_text() == params
    assert not (project.folder / "conf/run/wide.yaml").exists()
    assert not (project.artifacts / "run=wide").exists()


def test_a_name_that_would_be_read_as_a_number_is_refused(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workshop.folder)
    (workshop.folder / "params.yaml").write_text("runs: []\n")
    with pytest.raises(InputError, match=r"params.yaml: '007' cannot be added to its runs; choose another name"):
        promote(RUN, "007")
    assert not (workshop.folder / "conf/run/007.yaml").exists()


def test_a_promotion_that_fails_half_way_can_be_tried_again(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workshop.folder)
    (workshop.folder / "params.yaml").write_text("runs: []\n")
    (workshop.folder / "params.yaml.partial").symlink_to("/dev/full")  # as a full disk
    with pytest.raises(OSError, match="No space left"):
        promote(RUN, "wide")
    untouched(workshop, "runs: []\n")
    promote(RUN, "wide")
    assert jobs.kept_runs() == ["wide"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["promote", "nobody", "x"], f"run 'nobody' is not in artifacts; there are: {RUN}"),
        (["promote", RUN, "../x"], "'../x' cannot name a run that DVC keeps"),
        (["promote", RUN], "run 'tiny' is kept by DVC already"),
        (["promote", RUN, "paper"], "conf/run/paper.yaml exists already"),
        (["promote", RUN, "none"], "artifacts/run=none exists already"),
        (["remove", "nobody", "--yes"], "run 'nobody' is not in artifacts"),
        (["remove", RUN, "--yes"], "run 'tiny' is one that dvc repro keeps; take it out of params.yaml first"),
        (["remove", "*", "--yes"], "run 'tiny' is one that dvc repro keeps"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(built: Project, words: list[str], said: str) -> None:
    before = (built.folder / "params.yaml").read_text()
    assert said in runs(built, *words, status=2)
    assert (built.folder / "params.yaml").read_text() == before
    assert built.results.exists()


def test_removing_without_a_terminal_needs_a_yes(workshop: Project) -> None:
    (workshop.folder / "params.yaml").write_text("runs:\n  - paper\n")
    assert "this would remove tiny; say --yes" in runs(workshop, "remove", RUN, status=2)
    assert workshop.results.exists()
