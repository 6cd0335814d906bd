"""A second run beside the tiny one: a copy named "wide" whose config says something else; what it predicts is ours."""

import shutil
from pathlib import Path

from pipeline import config
from pipeline.config import Config
from pipeline.store import write_text
from viewer.data.source import Source

LAST = 3  # epoch


def twin(artifacts: Path, settings: Config) -> None:
    """Put the run "wide" beside the run "tiny" of `artifacts`, whose config is `settings`."""
    shutil.copytree(artifacts / "run=tiny", artifacts / "run=wide")
    trainer = settings.trainer.model_copy(update={"learning_rate": 0.5})
    other = settings.model_copy(update={"name": "wide", "trainer": trainer})
    write_text(artifacts / "run=wide" / "config.yaml", config.text(other))


def turn(artifacts: Path, count: int) -> list[int]:
    """In run "wide" the first `count` examples are predicted otherwise at the last epoch; their numbers."""
    run = Source(artifacts).run("wide")
    table = run.read("predictions").to_pandas()
    rows = table.index[table["epoch"] == LAST][:count]
    table.loc[rows, "probability"] = 1 - table.loc[rows, "probability"]
    table.loc[rows, "predicted"] = table.loc[rows, "predicted"].map({"pos": "neg", "neg": "pos"})
    run.write("predictions", {name: table[name].tolist() for name in table})
    return [int(example) for example in table.loc[rows, "example"]]
