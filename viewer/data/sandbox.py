"""SELECTs that other people wrote, over the store's tables alone, bounded in rows, bytes, memory and time.

They run in processes of their own (`viewer.data.box`): DuckDB's limits do not count the texts a query makes, and not
every query stops when it is told to; a process can be bounded and ended.
"""

import atexit
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from pipeline import store
from pipeline.errors import InputError

PROCESSES = 2
PATIENCE = 2.0  # seconds that a process may take longer than DuckDB was told
STARTING = 30.0  # seconds that it may take to start
WAITING = 30.0  # seconds that a question may wait for a process
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
ROOM = 2  # times `memory`: also the answer and its copies
CODE = Path(__file__).parents[2]
NULLABLE = {
    pa.from_numpy_dtype(one.type): one
    for one in (
        pd.Int8Dtype(), pd.Int16Dtype(), pd.Int32Dtype(), pd.Int64Dtype(),
        pd.UInt8Dtype(), pd.UInt16Dtype(), pd.UInt32Dtype(), pd.UInt64Dtype(), pd.Float32Dtype(), pd.Float64Dtype(),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """frame: the rows, columns named once each; truncated: whether there were more; seconds: how long it took."""

    frame: pd.DataFrame
    truncated: bool
    seconds: float


class Box:
    """One process that answers one question at a time."""

    def __init__(self, artifacts: Path, memory: str, threads: int) -> None:
        amount, unit = re.fullmatch(r"(\d+)(KB|MB|GB)", memory).groups()  # type: ignore[union-attr]
        room = int(amount) * UNITS[unit] * ROOM
        # No secret of ours is in its environment; its own session: Ctrl-C in the terminal is not for it.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "viewer.data.box", str(artifacts), memory, str(threads), str(room)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**kept, "PYTHONPATH": str(CODE), "OMP_NUM_THREADS": str(threads)},
            start_new_session=True,
        )
        self.started = False

    def ask(self, question: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], bytes] | None:
        """Header and content of the answer, or None where the process ended or had to be ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            if not self.started:
                with self._ending_after(STARTING):
                    self.started = self.process.stdout.readline() == b"ready\n"
            with self._ending_after(seconds):
                self.process.stdin.write(json.dumps(question).encode() + b"\n")
                self.process.stdin.flush()
                header = json.loads(self.process.stdout.readline())
                content = self.process.stdout.read(header["bytes"])
        except (OSError, ValueError):
            return None
        return (header, content) if len(content) == header["bytes"] else None

    @contextmanager
    def _ending_after(self, seconds: float) -> Iterator[None]:
        """End the process if the block takes longer: reading from it then stops too."""
        timer = threading.Timer(seconds, self.process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


class Sandbox:
    """Answers SELECTs over one store, for all sessions of a server and any thread.

    memory: what DuckDB may use for one question, such as 512MB; the process may take twice that in all; threads: for
    one question; rows, seconds: the most of an answer, unless `select` is told otherwise. At most PROCESSES questions
    are answered at once, others wait.
    """

    def __init__(
        self,
        artifacts: Path,
        memory: str = "512MB",
        threads: int = 1,
        rows: int = 10_000,
        seconds: float = 10,
    ) -> None:
        self.artifacts = artifacts.absolute()
        self.memory, self.threads, self.rows, self.seconds = memory, threads, rows, seconds
        self._free: list[Box] = []
        self._places = threading.BoundedSemaphore(PROCESSES)
        self._lock = threading.Lock()
        self._closed = False

    def select(self, sql: str, rows: int | None = None, relations: Mapping[str, str] | None = None) -> Answer:
        """The answer to one SELECT (also WITH, FROM, VALUES, DESCRIBE, SUMMARIZE) over the store's tables.

        relations: further tables by name, each with a SELECT text *of ours* over the store. rows: at most this many.
        Raises InputError, one line, where `sql` is anything else, wrong, or needs too much time or memory.
        """
        question = {
            "sql": sql,
            "relations": dict(relations or {}),
            "rows": self.rows if rows is None else rows,
            "seconds": self.seconds,
        }
        with self._box() as box:
            found = box.ask(question, self.seconds + PATIENCE)
            if found is None or found[0]["spent"]:
                box.close()
        if found is None:
            raise InputError("sql: needs more time or memory than there is for a question, and was stopped")
        header, content = found
        if header["error"] is not None:
            raise InputError(" ".join(header["error"].split()))
        return Answer(frame(content), header["truncated"], header["seconds"])

    def warm(self) -> None:
        """Start a process, without waiting for it, so that the first question need not."""
        with self._lock:
            if not self._free and not self._closed:
                self._free.append(self._started())

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._closed = True
            boxes, self._free = self._free, []
        for box in boxes:
            box.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _box(self) -> Iterator[Box]:
        """A process for one question; waits while all are busy."""
        if not self._places.acquire(timeout=WAITING):
            raise InputError("sql: too many questions at once; ask again in a moment")
        try:
            box = self._idle() or self._started()
            try:
                yield box
            except BaseException:
                box.close()
                raise
            self._put_back(box)
        finally:
            self._places.release()

    def _idle(self) -> Box | None:
        with self._lock:
            while self._free:
                box = self._free.pop()
                if box.process.poll() is None:
                    return box
                box.close()
        return None

    def _put_back(self, box: Box) -> None:
        with self._lock:
            kept = box.process.poll() is None and not self._closed
            if kept:
                self._free.append(box)
        if not kept:
            box.close()

    def _started(self) -> Box:
        return Box(self.artifacts, self.memory, self.threads)


def frame(content: bytes) -> pd.DataFrame:
    """An Arrow stream as a frame. Decimal columns, DuckDB's type of sums, become whole numbers or floats, intervals
    text, lists and structs Python's own; whole numbers stay whole beside NULL."""
    table = pa.ipc.open_stream(content).read_all()
    for place, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            table = table.set_column(place, column.name, plain(table.column(place)))
        elif pa.types.is_interval(column.type):
            spans = [None if span is None else spelled(span) for span in table.column(place).to_pylist()]
            table = table.set_column(place, column.name, pa.array(spans, pa.string()))
    try:
        made = table.to_pandas()
        for place, column in enumerate(table.columns):
            if pa.types.is_nested(column.type):
                made.isetitem(place, pd.Series(column.to_pylist(), dtype=object))
            elif column.type in NULLABLE and column.null_count:  # whole numbers stay whole, and NULL is no NaN
                made.isetitem(place, column.to_pandas(types_mapper=NULLABLE.get))
        return made
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise InputError(f"sql: a value of the answer cannot be shown ({error}); cast it to VARCHAR") from None


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of decimals as float64; of whole ones as int64, or where one is too large as text."""
    if column.type.scale > 0:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def spelled(span: pa.MonthDayNano) -> str:
    """An interval as DuckDB takes it back: "2 months 3 days 1.5 seconds"."""
    seconds = f"{span.nanoseconds / 1e9:.9f}".rstrip("0").rstrip(".")
    parts = {"months": str(span.months), "days": str(span.days), "seconds": seconds}
    return " ".join(f"{count} {unit}" for unit, count in parts.items() if count != "0") or "0 seconds"


@cache
def shared(artifacts: Path = store.ARTIFACTS) -> Sandbox:
    """The one sandbox of a store in this process, with the usual bounds."""
    sandbox = Sandbox(artifacts)
    atexit.register(sandbox.close)
    return sandbox
