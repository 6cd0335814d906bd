"""A sweep of four runs: side by side with joblib, against one after the other with one thread and with all."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import Result
from tests.project import Project, copied

RUNS = 4
SHORTEST = 10.0  # seconds of a run, so that starting processes does not decide
SWEEP = ["-m", "run=sentences", "trainer.epochs=30", "impacts.epochs=[0,30]", "faithfulness.examples=0", "seed=1,2,3,4"]


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        project = copied(Path(folder))
        threads = len(os.sched_getaffinity(0))
        beside = swept(project, None, "side by side", "hydra/launcher=joblib")
        single = swept(project, 1, "one thread")
        all_threads = swept(project, threads, "all threads")
    detail = f"{RUNS} runs of {single / RUNS:.0f} s, {threads} cores; joblib {beside:.0f} s"
    assert single / RUNS >= SHORTEST, f"a run took {single / RUNS:.0f} s: too short to tell"
    return [
        Result("a sweep with joblib / one after the other, one thread each", beside / single, 0.75, "", detail),
        Result("a sweep with joblib / one after the other, all threads", beside / all_threads, 1.0, "", detail),
    ]


def swept(project: Project, threads: int | None, name: str, *words: str) -> float:
    """Seconds of the sweep from the start of its command to its end; its runs are removed again."""
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    if threads is not None:
        environment["OMP_NUM_THREADS"] = str(threads)
    started = time.perf_counter()
    command = [sys.executable, "-m", "pipeline", *SWEEP, *words]
    subprocess.run(command, cwd=project.folder, env=environment, check=True, capture_output=True)
    seconds = time.perf_counter() - started
    print(f"sweep, {name}: {seconds:.0f} s", flush=True)
    for run in project.artifacts.glob("run=sentences*"):
        shutil.rmtree(run)
    shutil.rmtree(project.artifacts / "resume")
    return seconds
