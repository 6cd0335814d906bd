"""All stages for one composed config, in one process, without DVC: the door for single runs and sweeps.

python -m pipeline run=sentences model.hidden=32
python -m pipeline -m run=sentences model.hidden=16,32,64
"""

import hashlib
import importlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hydra
import yaml
from filelock import FileLock, Timeout
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline import config
from pipeline.config import Config
from pipeline.errors import InputError, told_in_one_line
from pipeline.schema import TABLES
from pipeline.stages import command, compose
from pipeline.store import Run

STAGES = ("examples", "train", "impacts", "maps")
ALWAYS = tuple(name for name in TABLES if name != "attention")  # the tables every finished run has
LONGEST_NAME = 120


def run_name(choice: str, overrides: list[str]) -> str:
    """A folder name for a run that was given none: the named run it starts from, and what was changed."""
    changes = [change.lstrip("+~") for change in overrides if not re.match(r"\+*(run|name)=", change)]
    name = ",".join([choice, *(re.sub(r"[^\w.\-]+", "_", change).strip("_") for change in changes)])
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def refuse_kept(name: str) -> None:
    """A run that DVC keeps is DVC's to build: built here its files and dvc.lock would disagree."""
    kept = yaml.safe_load(Path("params.yaml").read_text())["runs"] if Path("params.yaml").exists() else []
    if name in kept:
        raise InputError(f"run {name!r} is one that dvc repro keeps (params.yaml); give this one a name: name=mine")


@contextmanager
def alone_with(run: Run) -> Iterator[None]:
    """Keep a second process from building the same run; the lock goes with the process that holds it."""
    run.resume.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.resume.with_name(f"{run.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise InputError(f"run {run.name!r} is being built by another process; wait for it or choose a name") from None


def build(run: Run, wanted: Config) -> None:
    """Every stage in order. A finished run of another config is never replaced; an unfinished one is."""
    same = run.config.exists() and run.config.read_text(encoding="utf-8") == config.text(wanted)
    finished = all(run.has(table) for table in ALWAYS)
    if same and finished:
        print(f"{run.name}: complete already, left alone ({run.folder})")
        return
    if finished:
        raise InputError(f"{run.folder}: a finished run with another config; choose another name or remove that folder")
    compose.check(wanted)
    if not same:
        shutil.rmtree(run.folder, ignore_errors=True)
    compose.write(run, wanted)
    try:
        for name in STAGES:
            print(f"{run.name}: {name}", flush=True)
            # Imported only now: a config is refused before Lightning has been loaded.
            importlib.import_module(f"pipeline.stages.{name}").write(run, wanted)
    except InputError:
        if not run.has("examples"):  # refused for its corpus: nothing but a config would stay
            shutil.rmtree(run.folder)
        raise
    shutil.rmtree(run.resume, ignore_errors=True)
    print(f"{run.name}: done ({run.folder})")


# What went wrong, by job. Hydra would print a traceback's first line of its own, and stop a sweep at its first failure.
failures: list[tuple[str, InputError]] = []


@hydra.main(config_path=str(compose.CONF), config_name="config", version_base="1.3")
def job(values: DictConfig) -> None:
    """One run, or one of a sweep: a person's mistake in it leaves the others alone."""
    command.log_plainly()
    hydra_config = HydraConfig.get()
    overrides = list(hydra_config.overrides.task)
    try:
        plain = OmegaConf.to_container(values, resolve=True)
        assert isinstance(plain, dict)
        if plain["name"] is None:
            plain["name"] = run_name(hydra_config.runtime.choices["run"], overrides)
        wanted = compose.checked({str(key): value for key, value in plain.items()})
        refuse_kept(wanted.name)
        run = Run(wanted.name)
        with alone_with(run):
            build(run, wanted)
    except InputError as mistake:
        failures.append((" ".join(overrides), mistake))


def main() -> None:
    # Hydra then raises what is wrong with a config instead of printing it over several lines.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    with told_in_one_line():
        try:
            job()
        except (HydraException, OmegaConfBaseException) as error:
            raise compose.refused(error) from None
        for overrides, mistake in failures[:-1]:
            print(f"error: {overrides}: {mistake}", file=sys.stderr)
        if failures:
            raise failures[-1][1]


if __name__ == "__main__":
    main()
