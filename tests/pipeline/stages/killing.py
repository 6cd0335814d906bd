"""What a training publishes, and waiting for the moment at which it is to be killed."""

import subprocess
import time
from pathlib import Path

from tests.project import Project

PUBLISHED = ("metrics.parquet", "predictions.parquet", "scores.json", "accuracy.csv", "loss.csv")


def published(project: Project) -> dict[str, bytes]:
    files = [project.results / name for name in PUBLISHED] + sorted(project.results.glob("checkpoints/*"))
    return {file.name: file.read_bytes() for file in files}


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    """Until the file is there; gives up when the process ends without it."""
    while not path.exists():
        assert process.poll() is None, "the training ended before it could be killed"
        time.sleep(0.005)


def appeared(folder: Path, pattern: str, process: "subprocess.Popen[str]") -> Path:
    """The first file that a pattern names anywhere in `folder`, once it is there; gives up as `wait_for`."""
    while (found := next(folder.glob(pattern), None)) is None:
        assert process.poll() is None, "the training ended before it could be stopped"
        time.sleep(0.005)
    return found
