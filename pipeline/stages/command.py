"""The command line every stage shares: `python -m pipeline.stages.<stage> RUN`."""

import argparse
import logging
import sys
from collections.abc import Callable

from pipeline import config
from pipeline.config import Config
from pipeline.errors import told_in_one_line
from pipeline.store import Run

Stage = Callable[[Run, Config], None]


def main(stage: Stage, description: str | None) -> None:
    """Run one stage of the named run, whose config the `compose` stage wrote."""
    module = stage.__code__.co_filename.rsplit("/", 1)[-1].removesuffix(".py")
    parser = argparse.ArgumentParser(
        prog=f"python -m pipeline.stages.{module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", help="name of a run whose config is composed")
    name = parser.parse_args().run
    log_plainly()
    with told_in_one_line():
        run = Run(name)
        stage(run, config.read(run.config))


def log_plainly(before: str = "") -> None:
    """Messages alone on stderr, with `before` in front of each; what was set before in this process goes."""
    logging.basicConfig(level=logging.INFO, format=f"{before}%(message)s", stream=sys.stderr, force=True)
