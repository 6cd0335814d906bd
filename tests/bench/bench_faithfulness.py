"""The whole stage faithfulness of the run paper: 500 reviews, six checkpoints, 200 hybrid documents."""

import sys
import tempfile
from pathlib import Path

from pipeline import config
from pipeline.stages import faithfulness
from pipeline.store import Run
from tests.bench.measure import Result, seconds

MINUTES = 10


def measure() -> list[Result]:
    built = Run("paper")
    if not built.has("maps"):
        print("the run paper is not built: faithfulness is not measured; make repro builds it", file=sys.stderr)
        return []
    settings = config.read(built.config)
    with tempfile.TemporaryDirectory() as folder:
        run = Run("paper", Path(folder))
        run.folder.mkdir()
        for path in built.folder.iterdir():  # what it reads is the run's own; what it writes goes with the folder
            if path.name != "faithfulness.parquet":
                (run.folder / path.name).symlink_to(path.resolve())
        took = seconds(lambda: faithfulness.write(run, settings))
    epochs = settings.faithfulness.epochs or settings.impacts.epochs
    detail = f"{settings.faithfulness.examples} reviews, {len(epochs)} checkpoints, once"
    return [Result("faithfulness of the run paper", took / 60, MINUTES, "min", detail)]
