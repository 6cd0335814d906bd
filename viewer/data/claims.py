"""What was found of the paper's claims: the file that `make claims` writes, read back and checked.

Also which of the runs behind it are in this store. Reads their configs and small tables.
"""

import json
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from pipeline import store
from pipeline.claims import behind
from pipeline.claims.report import Behind, Report, from_plain
from pipeline.errors import InputError
from viewer.data.source import Source, stamped
from viewer.kept import Kept

COMMAND = "make claims"
KNOWN: Kept[Hashable, Behind] = Kept(limit=64)  # runs by their files as they are: asked at every change of run
State = Literal["here", "absent", "other settings", "other numbers", "unreadable"]


@dataclass(frozen=True)
class Compared:
    """A run behind the report and what of it is in this store; accuracies on the test reviews at the last epoch."""

    run: str
    state: State
    then: float | None
    now: float | None = None


def report(source: Source) -> Report | None:
    """The report of a store; None where there is none yet. InputError, in one line, where its file is damaged."""
    path = store.claims(source.artifacts)
    try:
        return from_plain(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as failure:  # a folder, or nothing that may be read
        raise InputError(f"{path}: cannot be read ({failure.strerror}); write it anew: {COMMAND}") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, JSON nested without end, or other JSON
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a file of claims ({reason}); write it anew: {COMMAND}") from None


def compared(found: Report, source: Source) -> tuple[Compared, ...]:
    """Each run behind a report beside the run of its name in the store."""
    return tuple(beside(each, source) for each in found.runs)


def beside(then: Behind, source: Source) -> Compared:
    run = source.run(then.run)
    if not run.config.exists():
        return Compared(then.run, "absent", then.accuracy)
    files = stamped([run.config, *(run.path(table) for table in behind.SMALL)])
    try:
        now = KNOWN.get(files, lambda: behind.known(run))
    except InputError:
        return Compared(then.run, "unreadable", then.accuracy)
    return Compared(then.run, state(then, now), then.accuracy, now.accuracy)


def state(then: Behind, now: Behind) -> State:
    """Settings first: other settings make other numbers."""
    if then.config != now.config:
        return "other settings"
    return "here" if (then.tables, then.accuracy) == (now.tables, now.accuracy) else "other numbers"
