"""SQL over the store, as pandas frames. What is wrong with a file is one line, and the next question may work."""

import threading
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline import store
from pipeline.errors import InputError


class Source:
    """One store, for all sessions of a server and any thread."""

    def __init__(self, artifacts: Path = store.ARTIFACTS) -> None:
        self.artifacts = artifacts
        self._connection: duckdb.DuckDBPyConnection | None = None
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

    def _answer(self, query: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
        return self.cursor().execute(query, list(parameters)).df()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for the calling thread."""
        with self._lock:
            if self._connection is None:
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
