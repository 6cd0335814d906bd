"""SQL over the store, as pandas frames. What is wrong with a file is one line, and the next question may work."""

import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd

from pipeline import store
from pipeline.errors import InputError
from viewer.kept import Kept

T = TypeVar("T")


class Source:
    """One store, for all sessions of a server and any thread."""

    def __init__(self, artifacts: Path = store.ARTIFACTS) -> None:
        self.artifacts = artifacts
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._files: Hashable = None  # as they were when the connection's views were made
        self._lock = threading.Lock()

    def run(self, name: str) -> store.Run:
        """The folder of a run."""
        return store.Run(name, self.artifacts)

    def runs(self) -> list[str]:
        """The names of all runs that have a config, sorted."""
        return store.runs(self.artifacts)

    def frame(self, query: str, *parameters: Any) -> pd.DataFrame:
        """The answer to one SELECT with `?` for each of `parameters`; InputError with the reason where it fails.

        What fails is asked once more of views made anew: a file may have been mended, or another run's be damaged.
        """
        try:
            return self._answer(query, parameters)
        except duckdb.Error:
            with self._lock:
                self._connection = None
        try:
            return self._answer(query, parameters)
        except duckdb.Error as error:
            raise InputError(store.reason(error)) from None

    def once(self, kept: Kept[Hashable, T], run: str, tables: Sequence[str], key: Hashable, make: Callable[[], T]) -> T:
        """What `make` answers, from `kept` unless one of these tables of the run, or its config, has changed since. For
        all sessions: it must hang on nothing else but `key`, and nobody may change it."""
        here = self.run(run)
        stamp = stamped([here.config, *(here.path(table) for table in tables)])

        def anew() -> T:
            self._look_again()
            return make()

        return kept.get((run, str(self.artifacts), stamp, key), anew)

    def _look_again(self) -> None:
        """Have the views made anew if a file has come, gone or changed since: where one of a table is damaged, its view
        names those that were whole."""
        with self._lock:
            if self._connection is not None and self._files != self._listed():
                self._connection = None

    def _listed(self) -> Hashable:
        return stamped(sorted(self.artifacts.glob("run=*/*.parquet")))

    def _answer(self, query: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
        return self.cursor().execute(query, list(parameters)).df()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for the calling thread."""
        with self._lock:
            if self._connection is None:
                self._files = self._listed()
                self._connection = store.connect(self.artifacts)
            return self._connection.cursor()


def stamped(files: Sequence[Path]) -> Hashable:
    """What changes when one of `files` does."""
    found = []
    for path in files:
        try:
            about = path.stat()
        except OSError:
            continue  # whoever reads it says so
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)
