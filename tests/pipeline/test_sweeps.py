"""How the jobs of a sweep tell of their end, and how many threads each gets."""

from pathlib import Path

import pytest

from pipeline import sweeps
from pipeline.errors import InputError
from pipeline.sweeps import Note


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


def test_failed_jobs_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Note(0, "a=1", sweeps.DONE).write(tmp_path)
    assert sweeps.told(tmp_path) == 0
    assert capsys.readouterr().err == ""
    Note(1, "a=2", sweeps.MISTAKE, "a must be\nsmaller").write(tmp_path)
    assert sweeps.told(tmp_path) == 2
    assert capsys.readouterr().err == "error: a=2: a must be smaller\n1 of 2 jobs are done; the same command goes on\n"
    Note(2, "a=3", sweeps.BUG, "Traceback (most recent call last):\n  somewhere\nKeyError: 'x'\n").write(tmp_path)
    Note(10, "a=4", sweeps.RUNNING).write(tmp_path)
    assert sweeps.told(tmp_path) == 1
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n  somewhere\n")
    assert [line.split(": ")[1] for line in told.splitlines() if line.startswith("error")] == ["a=2", "a=3", "a=4"]
    assert "a=3: KeyError: 'x'" in told
    assert "a=4: ended before it was done" in told
    assert "1 of 4 jobs are done" in told


@pytest.mark.parametrize(
    ("launcher", "cores", "expected"),
    [
        ({}, 8, None),
        ({"n_jobs": 4}, 8, 2),
        ({"n_jobs": 3}, 8, 2),
        ({"n_jobs": 16}, 8, 1),
        ({"n_jobs": -1}, 8, 1),  # joblib: all cores
        ({"n_jobs": -2}, 8, 1),  # all but one
        ({"n_jobs": -7}, 8, 4),  # two of eight
        ({"n_jobs": -20}, 8, 8),  # joblib makes it one job
        ({"cpus_per_task": 6}, 8, 6),
        ({"cpus_per_task": None}, 8, None),
    ],
)
def test_jobs_side_by_side_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, launcher: dict[str, int | None], cores: int, expected: int | None
) -> None:
    monkeypatch.setattr(sweeps, "available", lambda: cores)
    assert sweeps.threads(launcher) == expected
