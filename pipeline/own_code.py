"""Code of a person's own, a network or a function: found by its import path; its failure is told by their line.

A failure of the project's own code is never told so: it is a bug of ours and keeps its traceback.
"""

import importlib
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import InputError

OURS = Path(__file__).parent
LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
LAUNCHERS = {"submitit", "ray"}  # the packages of those that end a job by raising something in it
INSTALLED = {"site-packages", "dist-packages"}


def imported(path: str, key: str) -> Any:
    """What stands at an import path, package.module.name, that the config names under `key`.

    Raises InputError where there is no such module or name, or where a module of a person's fails as it is imported.
    """
    module, _, name = path.rpartition(".")
    said = f"config: {key}={path!r}"
    with failing(module, f"{said} cannot be imported"):
        try:
            found = importlib.import_module(module)
        except ImportError as error:
            raise InputError(f"{said} cannot be imported: {error}") from None
    try:
        return getattr(found, name)
    except AttributeError:
        raise InputError(f"{said}: {module} has no {name}") from None


@contextmanager
def failing(module: str, said: str) -> Iterator[None]:
    """Within this context, what fails is code of `module`: InputError with `said`, the error and the person's line.

    A module that calls sys.exit fails too. What is an InputError already stays as it is, and so does every failure of a
    module of ours and what a launcher raises to end the job.
    """
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        if module.partition(".")[0] == OURS.name or by_launcher(error):
            raise
        raise InputError(f"{said}: {told(error)}") from None


def by_launcher(error: BaseException) -> bool:
    """Whether a launcher raised it: on a signal of its cluster, and so from within whatever was at work."""
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(modules) and modules[-1].partition(".")[0] in LAUNCHERS


def told(error: BaseException) -> str:
    """An error on one line, with the place in the person's code that led to it; no place where there is none."""
    message = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    said = type(error).__name__ + (f": {message}" if message else "")
    where = place(error)
    return f"{said} ({where[0]}, line {where[1]})" if where else said


def place(error: BaseException) -> tuple[str, int | None] | None:
    """The file and the line: the last that are a person's, else the last that are not ours.

    A misfit is noticed deep within torch, but mended in the line that called it.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    others = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not within(frame.filename, OURS) and not frame.filename.startswith("<")  # <frozen importlib._bootstrap>
    ]
    theirs = [frame for frame in others if not is_library(frame.filename)]
    return next(((frame.filename, frame.lineno) for frame in reversed(theirs or others)), None)


def within(file: str, folder: Path) -> bool:
    return folder in Path(file).absolute().parents


def is_library(file: str) -> bool:
    """Whether a file came with Python or was installed into it."""
    return not INSTALLED.isdisjoint(Path(file).parts) or any(within(file, folder) for folder in LIBRARIES)
