"""What the jobs of a sweep tell of their end, wherever a launcher runs them, and how they share a machine's cores.

Each job leaves a note in the folder of its sweep: that it has started, and then how it ended. The process that started
the sweep reads the notes at the end, so a failure is told the same way whether the jobs ran one after the other, side
by side or on other machines that share the folder.
"""

import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback

from pipeline import store
from pipeline.errors import InputError

RUNNING, DONE, MISTAKE, BUG = "running", "done", "mistake", "bug"
folder: Path | None = None  # of the sweep that this process has started


@dataclass(frozen=True)
class Note:
    """How a job stands: its number, what it changes, its end, and for a failed one why."""

    number: int
    overrides: str
    end: str
    reason: str = ""

    def write(self, sweep: Path) -> None:
        sweep.mkdir(parents=True, exist_ok=True)
        store.write_text(sweep / f"{self.number}.json", json.dumps(asdict(self), indent=2) + "\n")


def notes(sweep: Path) -> list[Note]:
    """The notes of all jobs that have started, in order."""
    found = [Note(**json.loads(path.read_text(encoding="utf-8"))) for path in sweep.glob("*.json")]
    return sorted(found, key=lambda note: note.number)


class Remember(Callback):  # type: ignore[misc]
    """Hydra calls it in the process that starts a sweep."""

    def on_multirun_start(self, config: Any, **_more: Any) -> None:
        global folder
        folder = Path(config.hydra.sweep.dir)


@contextmanager
def noted(sweep: Path, number: int, overrides: str) -> Iterator[None]:
    """Run one job of a sweep: whatever it fails of is noted, and the others go on."""
    Note(number, overrides, RUNNING).write(sweep)
    try:
        yield
    except InputError as mistake:
        Note(number, overrides, MISTAKE, str(mistake)).write(sweep)
    except Exception:  # a bug of ours must not end the other jobs either
        Note(number, overrides, BUG, traceback.format_exc()).write(sweep)
    else:
        Note(number, overrides, DONE).write(sweep)


def cut_off(sweep: Path) -> bool:
    """Whether a job ended without noting how: then the launcher raises an error of its own, which says less."""
    return any(note.end == RUNNING for note in notes(sweep))


def told(sweep: Path) -> int:
    """Name the failed jobs of a sweep on stderr, bugs with their traceback; the exit status."""
    ended = notes(sweep)
    failed = [note for note in ended if note.end != DONE]
    for note in failed:
        if note.end == BUG:
            print(note.reason, file=sys.stderr)
    for note in failed:
        print(f"error: {note.overrides}: {summary(note)}", file=sys.stderr)
    if failed and len(ended) > 1:
        print(f"{len(ended) - len(failed)} of {len(ended)} jobs are done; the same command goes on", file=sys.stderr)
    if any(note.end == BUG for note in failed):
        return 1
    return 2 if failed else 0


def summary(note: Note) -> str:
    """Why a job failed, in one line."""
    if note.end == RUNNING:
        return "ended before it was done: killed, perhaps for want of memory"
    return " ".join(note.reason.split()) if note.end == MISTAKE else note.reason.strip().splitlines()[-1]


def threads(launcher: Mapping[str, Any]) -> int | None:
    """How many threads each job of a launcher may use, by the launcher's config; None: as many as there are.

    Jobs side by side with all threads each are many times slower than one after the other.
    """
    if "n_jobs" in launcher:  # joblib
        cores, jobs = available(), int(launcher["n_jobs"])
        return max(1, cores // (jobs if jobs > 0 else max(1, cores + 1 + jobs)))
    given = launcher.get("cpus_per_task")  # submitit
    return None if given is None else int(given)


def available() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limit_threads(count: int) -> None:
    """Use at most `count` threads in torch and in the linear algebra below NumPy and SciPy."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    threadpool_limits(count)
