"""What the jobs of a sweep tell of their end, wherever a launcher runs them.

Each job has a note in the folder of its sweep: that it waits, that it has started, and then how it ended. The process
that started the sweep writes the first and reads the last, so a failure is told the same way whether the jobs ran one
after the other, side by side or on other machines that share the folder.
"""

import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import OmegaConf

from pipeline import own_code, store
from pipeline.errors import InputError, refused_by_disk

WAITING, RUNNING, DONE, MISTAKE, BUG = "waiting", "running", "done", "mistake", "bug"
LONGEST_REASON = 500  # characters of what a launcher says: some add the whole log of a job
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
    """The notes of all jobs, in order."""
    found = [Note(**json.loads(path.read_text(encoding="utf-8"))) for path in sweep.glob("*.json")]
    return sorted(found, key=lambda note: note.number)


class Remember(Callback):  # type: ignore[misc]
    """Hydra calls it in the process that starts a sweep."""

    def on_multirun_start(self, config: Any, **_more: Any) -> None:
        global folder
        folder = Path(config.hydra.sweep.dir)
        for number, overrides in enumerate(planned(config.hydra)):
            Note(number, overrides, WAITING).write(folder)


def planned(settings: Any) -> list[str]:
    """What each job of a sweep changes, by its number, as Hydra's own sweeper is about to make them.

    Empty where another sweeper decides on the way, and for what Hydra is about to refuse.
    """
    if not plans(settings):
        return []
    params = settings.sweeper.params or {}
    given = OmegaConf.to_container(settings.overrides.task, resolve=False)  # `${seed}` in a name is each job's own
    assert isinstance(given, list)
    words = [*(f"{key}={value}" for key, value in params.items()), *given]
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    try:
        (jobs,) = BasicSweeper.split_arguments(parser.parse_overrides(words), None)
    except HydraException:
        return []
    return [" ".join(job) for job in jobs]


def plans(settings: Any) -> bool:
    """Whether the sweeper of Hydra's config is its own, which makes all jobs before the first starts."""
    return str(settings.sweeper["_target_"]).endswith(".BasicSweeper")


def size(settings: Any) -> int:
    """How many jobs the sweep has; 0 where that is not known before its end."""
    return len(notes(Path(settings.sweep.dir))) if plans(settings) else 0


@contextmanager
def noted(sweep: Path, number: int, overrides: str) -> Iterator[None]:
    """Run one job of a sweep: whatever it fails of is noted, and the others go on."""
    Note(number, overrides, RUNNING).write(sweep)
    try:
        yield
    except (Exception, SystemExit) as failure:  # a bug of ours must not end the other jobs either
        if isinstance(failure, SystemExit) and own_code.by_launcher(failure):  # it starts the job again
            raise
        Note(number, overrides, *ended(failure)).write(sweep)
    else:
        Note(number, overrides, DONE).write(sweep)


def ended(failure: BaseException) -> tuple[str, str]:
    """The end of a job that failed, and why."""
    if isinstance(failure, InputError):
        return MISTAKE, str(failure)
    if said := refused_by_disk(failure):
        return MISTAKE, said
    if type(failure).__module__.startswith("submitit."):  # it stops a job that is out of time for the last time
        return MISTAKE, f"stopped: {failure}"
    return BUG, "".join(traceback.format_exception(failure))


def cut_off(sweep: Path) -> bool:
    """Whether a job has not noted its end: what a launcher raises then is about the job, not a bug of ours."""
    return any(note.end in (WAITING, RUNNING) for note in notes(sweep))


def told(sweep: Path, failure: Exception | None = None) -> int:
    """Name the jobs of a sweep that are not done on stderr, bugs with their traceback; the exit status.

    failure: what the launcher raised; it follows the jobs.
    """
    every = notes(sweep)
    undone = [note for note in every if note.end != DONE]
    for note in undone:
        if note.end == BUG:
            print(note.reason, file=sys.stderr)
    for note in undone:
        print(f"error: {note.overrides}: {summary(note)}", file=sys.stderr)
    if failure is not None:
        said = refused_by_disk(failure) or f"{type(failure).__name__}: {shortened(str(failure))}"
        print(f"error: {said}", file=sys.stderr)
    if undone and len(every) > 1:
        print(f"{len(every) - len(undone)} of {len(every)} jobs are done; the same command goes on", file=sys.stderr)
    if any(note.end == BUG for note in undone):
        return 1
    return 2 if undone or failure else 0


def summary(note: Note) -> str:
    """Why a job is not done, in one line."""
    if note.end == WAITING:
        return "not started"
    if note.end == RUNNING:  # on a cluster, some may work on when the launcher gives up
        return "has not said how it ended: killed, for want of memory or time perhaps, or still at work elsewhere"
    return " ".join(note.reason.split()) if note.end == MISTAKE else note.reason.strip().splitlines()[-1]


def shortened(message: str) -> str:
    """A message in one line of bearable length."""
    line = " ".join(message.split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} ..."
