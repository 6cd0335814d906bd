"""Asking: a cold start with one query, one review out of all impacts, bytes a row, and a rebuild with nothing to do."""

import subprocess
import sys
from statistics import median

import pyarrow.parquet as pq

from pipeline.queries import QUERIES
from pipeline.store import Run, connect
from tests.bench.measure import Result, seconds

TURNS = 5
ONE_QUERY = """
import sys
import pipeline.store
pipeline.store.connect().sql("SELECT count(*) FROM metrics").fetchall()
assert "torch" not in sys.modules, "querying imports torch"
"""


def measure() -> list[Result]:
    cold = median(seconds(lambda: run([sys.executable, "-c", ONE_QUERY])) for _ in range(TURNS))
    results = [Result("import pipeline.store and one query", cold, 1.0, "s", f"new process, median of {TURNS}")]
    if Run("paper").has("impacts"):
        results += [one_review(), examples(), bytes_a_row(), nothing_to_do()]
    else:
        print("the run paper is not built: four claims are not measured; make repro builds it", file=sys.stderr)
    return results


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def one_review() -> Result:
    connection = connect()
    examples = [
        row[0] for row in connection.sql("SELECT example FROM examples WHERE run = 'paper' ORDER BY id").fetchall()
    ]
    query = "SELECT epoch, position, probability, impact FROM impacts WHERE run = 'paper' AND example = ?"
    times = [seconds(connection.execute(query, [example]).fetchall) for example in examples[:: len(examples) // 50]]
    detail = f"median of {len(times)} reviews, all explained epochs"
    return Result("one review out of all impacts", 1000 * median(times), 100, "ms", detail)


def examples() -> Result:
    connection = connect()
    times = [seconds(connection.sql(query.of("paper")).fetchall) for query in QUERIES]
    slowest = max(range(len(times)), key=times.__getitem__)
    return Result("the slowest example query", times[slowest], 5, "s", f"of {len(times)}: number {slowest + 1}")


def bytes_a_row() -> Result:
    path = Run("paper").path("impacts")
    rows = pq.read_metadata(path).num_rows
    detail = f"{rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB"
    return Result("impacts on disk, a row", path.stat().st_size / rows, 7, "bytes", detail)


def nothing_to_do() -> Result:
    command = [sys.executable, "-m", "dvc", "repro", "impacts", "maps"]
    if "up to date" not in run(command):
        raise SystemExit("error: dvc repro impacts maps had something to do; run make repro first")
    value = median(seconds(lambda: run(command)) for _ in range(TURNS))
    return Result("dvc repro impacts maps with nothing to do", value, 3.0, "s", f"median of {TURNS}")
