"""A second run beside another: a copy, "wide" unless named, with another config; what it predicts is ours."""

import shutil
from pathlib import Path

from pipeline import config
from pipeline.config import Config
from pipeline.store import write_text
from viewer.data.source import Source

LAST = 3  # epoch


def twin(artifacts: Path, settings: Config, name: str = "wide") -> None:
    """Put another run beside that of `artifacts` whose config is `settings`."""
    shutil.copytree(artifacts / f"run={settings.name}", artifacts / f"run={name}")
    trainer = settings.trainer.model_copy(update={"learning_rate": 0.5})
    other = settings.model_copy(update={"name": name, "trainer": trainer})
    write_text(artifacts / f"run={name}" / "config.yaml", config.text(other))


def turn(artifacts: Path, count: int, name: str = "wide") -> list[int]:
    """In a run of two classes the first `count` examples are predicted otherwise at the last epoch; their numbers."""
    run = Source(artifacts).run(name)
    table = run.read("predictions").to_pandas()
    rows = table.index[table["epoch"] == LAST][:count]
    one, two = run.read("classes")["class"].to_pylist()
    table.loc[rows, "probability"] = 1 - table.loc[rows, "probability"]
    table.loc[rows, "predicted"] = table.loc[rows, "predicted"].map({one: two, two: one})
    run.write("predictions", {name: table[name].tolist() for name in table})
    return [int(example) for example in table.loc[rows, "example"]]
