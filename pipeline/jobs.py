"""One job: a composed config, every stage of it in order, a finished run; what is complete is left alone."""

import hashlib
import importlib
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from pipeline import config, inputs, store
from pipeline.config import Config
from pipeline.errors import InputError
from pipeline.models import checkpoints, networks, trial
from pipeline.schema import TABLES
from pipeline.stages import compose
from pipeline.store import Run

STAGES = ("examples", "train", "impacts", "maps", "faithfulness")
LATER = "faithfulness"  # the last stage and its table; `make repro` leaves it out, and older runs are without
# The tables every finished run has: some networks have no attention, and similarity came later.
ALWAYS = tuple(name for name in TABLES if name not in ("attention", "similarity", LATER))
LONGEST_NAME = 120
NUMBERS = r"[0-9.\-]+(?:_[0-9.\-]+)+"  # two or more, as a name has them
PARAMS = Path("params.yaml")
NO_LIST = f"{PARAMS}: no list of names behind `runs`; write one, such as runs: [paper]"


def run_name(choice: str, overrides: list[str]) -> str:
    """A folder name for a run that was given none: the named run it starts from, and what was changed.

    A hash follows where the name does not say all: it was too long, or read back it is not these changes. So every name
    stands for one set of changes, whatever letters they have.
    """
    changes = [change.lstrip("+") for change in overrides if not re.match(r"\+*(run|name)=", change)]
    parts = [re.sub(r"[^A-Za-z0-9_.\-]+", "_", change).strip("_") for change in changes]
    name = ",".join([choice, *parts])
    says_all = all(change in read_back(part) for change, part in zip(changes, parts, strict=True))
    if len(name) <= LONGEST_NAME and says_all:
        return name
    whole = name if says_all else ",".join([choice, *changes])
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def read_back(part: str) -> set[str]:
    """The one change that a part of a name is read as, in all its spellings: key_value, and key_1_2 for key=[1,2].

    Of a key that is not known, such as an argument of a person's network, the value has no underscore.
    """
    key = next((key for key in config.KEYS if part.startswith(f"{key}_")), None)
    if key is None:
        match = re.fullmatch(rf"(.+?)_({NUMBERS}|[^_]+)", part)
        if not match:
            return set()
        key = match[1]
    value = part[len(key) + 1 :]
    if re.fullmatch(NUMBERS, value):
        numbers = value.split("_")
        return {f"{key}=[{','.join(numbers)}]", f"{key}=[{', '.join(numbers)}]"}
    return {f"{key}={value}", f"{key}='{value}'", f'{key}="{value}"'}


def kept_runs() -> list[str]:
    """The runs that `dvc repro` keeps up to date."""
    return listed(PARAMS.read_text(encoding="utf-8")) if PARAMS.exists() else []


def listed(params: str) -> list[str]:
    """The runs that the text of params.yaml names; InputError where it has no list of names."""
    try:
        values = yaml.safe_load(params)
    except yaml.YAMLError as error:
        raise InputError(f"{PARAMS}: not YAML ({' '.join(str(error).split())}); mend it there") from None
    if not isinstance(values, dict) or "runs" not in values:
        raise InputError(NO_LIST)
    names = values["runs"] or []  # nothing behind the key
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(NO_LIST)
    return names


def refuse_kept(name: str) -> None:
    """A run that DVC keeps is DVC's to build: built here its files and dvc.lock would disagree."""
    if name in kept_runs():
        raise InputError(f"run {name!r} is one that dvc repro keeps (params.yaml); give this one a name: name=mine")


@contextmanager
def alone_with(run: Run) -> Iterator[None]:
    """Keep a second process from building the same run; the lock goes with the process that holds it."""
    run.resume.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.lock, timeout=0):
            yield
    except Timeout:
        raise InputError(f"run {run.name!r} is being built by another process; wait for it or choose a name") from None


def complete(run: Run) -> bool:
    """Whether every stage of the run has ended, but perhaps for faithfulness."""
    return all(run.has(table) for table in ALWAYS)


def same_config(run: Run, wanted: Config) -> bool:
    """Whether a run was built for this config. Keys that came later have their defaults; what the config says of
    faithfulness is not held against a run that has none."""
    try:
        found = config.read(run.config)
    except InputError:
        return False
    if not run.has(LATER):
        found = found.model_copy(update={LATER: wanted.faithfulness})
    return config.text(found) == config.text(wanted)


def check_network(run: Run, wanted: Config) -> None:
    """Try a network that knows by itself how many words or channels there are: it could not be tried before."""
    made = checkpoints.describe(wanted, run)
    if not networks.takes(made.network, "channels" if made.channels else "tokens"):
        trial.check(made.build(), wanted.maps.layers, made.outputs, made.channels, made.tokens)


def away(run: Run) -> str:
    """What to do about a finished run that is in the way."""
    return f"choose another name or remove it: {removal(run)}"


def removal(run: Run) -> str:
    return f"python -m pipeline.runs remove {shlex.quote(run.name)}"


def build(run: Run, wanted: Config) -> None:
    """Every stage in order. A finished run of another config is never replaced; an unfinished one is.

    To a run that is finished but for faithfulness, this stage alone is added.
    """
    same = same_config(run, wanted)
    finished = complete(run)
    now = inputs.hashes(wanted)
    # Of a run that DVC built, or that is older than the record, nothing is known.
    before = json.loads(run.inputs.read_text(encoding="utf-8")) if run.inputs.exists() else now
    if same and finished and (other := inputs.changed(before, now)):
        raise InputError(f"{run.folder}: a finished run, but {', '.join(other)} has changed since; {away(run)}")
    if same and finished and run.has(LATER):
        print(f"{run.name}: complete already, left alone; to build it anew remove it first: {removal(run)}", flush=True)
        return
    if finished and not same:
        raise InputError(f"{run.folder}: a finished run with another config; {away(run)}")
    compose.check(wanted)
    if not same or inputs.changed(before, now):
        shutil.rmtree(run.folder, ignore_errors=True)
    compose.write(run, wanted)
    store.write_text(run.inputs, json.dumps(now, indent=2, sort_keys=True) + "\n")
    try:
        for name in (LATER,) if finished else STAGES:
            print(f"{run.name}: {name}", flush=True)
            if name == "train":
                check_network(run, wanted)
            # Imported only now: a config is refused before Lightning has been loaded.
            importlib.import_module(f"pipeline.stages.{name}").write(run, wanted)
    except InputError:
        if not run.has("examples"):  # refused for its corpus: nothing but a config would stay
            shutil.rmtree(run.folder)
        raise
    print(f"{run.name}: done ({run.folder})", flush=True)
