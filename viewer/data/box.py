"""python -m viewer.data.box: answers other people's SELECTs in a process of its own, which may be killed at any time.

Writes the line "ready". One JSON object a line on standard input: sql, relations, rows, seconds. For each one line of
JSON on standard output (error, truncated, seconds, bytes, spent) and then that many bytes: an Arrow stream.
`viewer.data.sandbox` starts it.
"""

import io
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline import store
from pipeline.errors import InputError
from pipeline.schema import TABLES
from viewer.data.statement import one_select

BATCH = 2048  # rows, DuckDB's own step
LARGEST = 64 * 2**20  # bytes of an answer
TOO_LARGE = "sql: needs more memory than there is for a question; ask for less"
ROW_TOO_LARGE = (
    f"sql: one row is larger than the {LARGEST // 2**20} MiB that can be shown; "
    "ask for less of it, such as left(text, 1000)"
)


def locked(artifacts: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection to the store's views that reads no file outside `artifacts` and lets no setting be changed."""
    connection = store.connect(artifacts)
    for setting in (
        "python_enable_replacements = false",  # else a Python variable is a table
        f"memory_limit = {store.quoted(memory)}",
        f"threads = {threads:d}",
        "temp_directory = ''",  # no file of its own: what does not fit is refused
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "allow_persistent_secrets = false",
        f"allowed_directories = [{store.quoted(str(artifacts))}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute("SET " + setting)
    return connection


def answer(connection: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> tuple[bytes, bool]:
    """(the answer as an Arrow stream, whether there would be more); raises InputError with the reason."""
    relations, rows = asked["relations"], asked["rows"]
    query = one_select(connection, asked["sql"], [*TABLES, *relations])
    timer = threading.Timer(asked["seconds"], connection.interrupt)
    timer.start()
    try:
        for name, ours in relations.items():
            connection.execute(f'CREATE TEMP VIEW "{name}" AS {ours}')
        return packed(connection.sql(query).limit(rows + 1).to_arrow_reader(BATCH), rows)
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeError) as error:
        raise InputError(told(error, asked["seconds"])) from None
    finally:
        timer.cancel()


def told(error: Exception, seconds: float) -> str:
    """Why there is no answer. An error in the midst of the rows comes through Arrow: another type, the same text."""
    said = store.reason(duckdb.Error(str(error)))
    if "INTERRUPT" in said:
        return f"sql: stopped after {seconds:g} s; ask for less, or name one run in every table"
    if "Out of Memory" in said:
        return TOO_LARGE
    return f"sql: {said}"


def packed(batches: pa.RecordBatchReader, rows: int) -> tuple[bytes, bool]:
    """At most `rows` rows and about LARGEST bytes of the batches, and whether there was more.

    InputError where not even one row is so small.
    """
    written, size = 0, 0
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches.schema) as file:
        for batch in batches:
            if size + batch.nbytes > LARGEST:
                fits = fitting(batch, LARGEST - size)
                if not written + fits:
                    raise InputError(ROW_TOO_LARGE)
                return finished(file, sink, batch.slice(0, fits)), True
            size += batch.nbytes
            part = batch.slice(0, rows - written)
            file.write_batch(part)
            written += part.num_rows
            if part.num_rows < batch.num_rows:
                return finished(file, sink, None), True
    return sink.getvalue(), False


def fitting(batch: pa.RecordBatch, room: int) -> int:
    """How many rows of the batch fit, all taken as equally long."""
    return int(batch.num_rows * room / batch.nbytes)


def finished(file: Any, sink: io.BytesIO, last: pa.RecordBatch | None) -> bytes:
    if last is not None:
        file.write_batch(last)
    file.close()
    return sink.getvalue()


def reply(asked: dict[str, Any], artifacts: Path, memory: str, threads: int) -> tuple[dict[str, Any], bytes]:
    """Header and content for one question. Everything is opened anew: nothing is left of the one before."""
    started = time.monotonic()
    said: dict[str, Any] = {"error": None, "truncated": False}
    content = b""
    try:
        with locked(artifacts, memory, threads) as connection:
            content, said["truncated"] = answer(connection, asked)
    except InputError as mistake:
        said["error"] = str(mistake)
    except MemoryError:  # anywhere, once little is left
        said["error"] = TOO_LARGE
    return {**said, "seconds": time.monotonic() - started, "bytes": len(content)}, content


class Room:
    """What this process may take beyond its present size: DuckDB's own limit does not count long texts."""

    def __init__(self, most: int) -> None:
        self.most, self.start = most, self.size()
        if self.start:
            resource.setrlimit(resource.RLIMIT_AS, (self.start + most, self.start + most))

    def size(self) -> int:
        """Bytes of address space; 0 where that is not told (no Linux: DuckDB's limit remains)."""
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
        except OSError:
            return 0
        return pages * resource.getpagesize()

    def is_spent(self) -> bool:
        """Whether so much is still held that the next question would suffer from this one."""
        return self.size() > self.start + self.most // 4


def main() -> None:
    artifacts, memory, threads, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.nice(5)  # pages go before questions
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the answers
    duckdb.connect().execute("SELECT json_serialize_sql('SELECT 1')").fetchall()  # loaded before memory is bounded
    room = Room(most)
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin:
        header, content = reply(json.loads(line), artifacts, memory, threads)
        header["spent"] = header["error"] == TOO_LARGE or room.is_spent()
        out.write(json.dumps(header).encode() + b"\n" + content)
        out.flush()


if __name__ == "__main__":
    main()
