"""How the jobs of a sweep tell of their end."""

import errno
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from submitit.core.utils import UncompletedJobError

from pipeline import sweeps
from pipeline.errors import InputError
from pipeline.stages.compose import CONF
from pipeline.sweeps import Note
from tests.pipeline.slurm import start_again


def test_a_job_notes_how_it_ended(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    with sweeps.noted(sweep, 0, "model.hidden=8"):
        assert sweeps.notes(sweep) == [Note(0, "model.hidden=8", sweeps.RUNNING)]
        assert sweeps.cut_off(sweep)
    with sweeps.noted(sweep, 1, "model.hidden=0"):
        raise InputError("hidden must be\npositive")
    with sweeps.noted(sweep, 2, "model.hidden=9"):
        raise ZeroDivisionError("a bug")
    assert not sweeps.cut_off(sweep)
    ends = [(note.number, note.end) for note in sweeps.notes(sweep)]
    assert ends == [(0, sweeps.DONE), (1, sweeps.MISTAKE), (2, sweeps.BUG)]


def test_jobs_that_are_not_done_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Note(0, "a=1", sweeps.DONE).write(tmp_path)
    assert sweeps.told(tmp_path) == 0
    assert capsys.readouterr().err == ""
    Note(1, "a=2", sweeps.MISTAKE, "a must be\nsmaller").write(tmp_path)
    assert sweeps.told(tmp_path) == 2
    assert capsys.readouterr().err == "error: a=2: a must be smaller\n1 of 2 jobs are done; the same command goes on\n"
    Note(2, "a=3", sweeps.BUG, "Traceback (most recent call last):\n  somewhere\nKeyError: 'x'\n").write(tmp_path)
    Note(9, "a=4", sweeps.RUNNING).write(tmp_path)
    Note(10, "a=5", sweeps.WAITING).write(tmp_path)
    assert sweeps.told(tmp_path, TimeoutError("out of time,\n  as is known: " + "x" * 10_000)) == 1
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n  somewhere\n")
    *errors, launcher, count = told[told.index("error: ") :].splitlines()
    assert [line.split(": ")[1] for line in errors] == ["a=2", "a=3", "a=4", "a=5"]
    assert errors[1] == "error: a=3: KeyError: 'x'"
    assert "a=4: has not said how it ended: killed" in errors[2]
    assert errors[3] == "error: a=5: not started"
    assert launcher.startswith("error: TimeoutError: out of time, as is known: xxx")
    assert len(launcher) < 600
    assert count == "1 of 5 jobs are done; the same command goes on"


def test_a_launcher_that_fails_before_any_job_is_a_mistake_and_not_a_bug(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Note(0, "a=1", sweeps.WAITING).write(tmp_path)
    assert sweeps.cut_off(tmp_path)
    assert sweeps.told(tmp_path, RuntimeError("no cluster here")) == 2
    assert capsys.readouterr().err == "error: a=1: not started\nerror: RuntimeError: no cluster here\n"


def test_a_job_that_slurm_stops_for_its_time_is_no_bug(tmp_path: Path) -> None:
    with sweeps.noted(tmp_path, 0, "a=1"):
        raise UncompletedJobError("Job not requeued because: timed-out too many times.")
    (note,) = sweeps.notes(tmp_path)
    assert note == Note(0, "a=1", sweeps.MISTAKE, "stopped: Job not requeued because: timed-out too many times.")


def test_a_job_that_submitit_ends_to_start_it_again_has_not_ended(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), sweeps.noted(tmp_path, 0, "a=1"):
        start_again()
    (note,) = sweeps.notes(tmp_path)
    assert note.end == sweeps.RUNNING


def test_ctrl_c_stops_the_whole_sweep(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), sweeps.noted(tmp_path, 0, "a=1"):
        raise KeyboardInterrupt
    (note,) = sweeps.notes(tmp_path)
    assert note.end == sweeps.RUNNING


def test_a_job_that_exits_is_a_bug_and_the_others_go_on(tmp_path: Path) -> None:
    with sweeps.noted(tmp_path, 0, "a=1"):
        raise SystemExit("usage: x")
    (note,) = sweeps.notes(tmp_path)
    assert note.end == sweeps.BUG
    assert note.reason.startswith("Traceback")
    assert note.reason.endswith("SystemExit: usage: x\n")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.parquet"), "a.parquet: no room left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied", "a.parquet"), "a.parquet: Permission denied; change its"),
    ],
)
def test_a_full_disk_or_a_forbidden_file_is_told_as_for_a_single_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], failure: OSError, said: str
) -> None:
    with sweeps.noted(tmp_path, 0, "a=1"):
        raise failure
    assert sweeps.told(tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"error: a=1: {said}")


def test_a_sweep_that_cannot_note_its_jobs_for_a_full_disk_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Note(0, "a=1", sweeps.RUNNING).write(tmp_path)
    assert sweeps.told(tmp_path, OSError(errno.ENOSPC, "No space left on device")) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: no room left on the disk (No space left")


def test_other_failures_of_the_system_are_bugs(tmp_path: Path) -> None:
    with sweeps.noted(tmp_path, 0, "a=1"):
        raise OSError(errno.EIO, "broken")
    (note,) = sweeps.notes(tmp_path)
    assert note.end == sweeps.BUG


def test_sweeps_that_start_in_one_second_have_folders_of_their_own() -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        settings = compose("config", return_hydra_config=True)
    folders = []
    for _ in range(20):
        OmegaConf.clear_cache(settings)  # as in a new process
        folders.append(settings.hydra.sweep.dir)
    assert len(set(folders)) == 20
    assert len({folder.rpartition("-")[0] for folder in folders}) < 20  # some in one second
