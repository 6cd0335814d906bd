"""Stage 1: let Hydra compose conf/ for a named run; write its config.yaml and the table `config`.

python -m pipeline.stages.compose RUN
"""

import argparse
import copy
import re
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline import config, store
from pipeline.config import Config
from pipeline.errors import InputError, told_in_one_line
from pipeline.explain import projections
from pipeline.models import brought, networks, trial
from pipeline.models.scores import outputs_for
from pipeline.store import Run

CONF = Path(__file__).parents[2] / "conf"
LAUNCHERS = {"submitit_slurm": "slurm", "submitit_local": "slurm", "ray": "ray"}  # {a plugin's: the extra with it}


def composed(name: str, overrides: list[str] | None = None) -> Config:
    """The checked config of the run that conf/run/<name>.yaml names."""
    if not (CONF / "run" / f"{name}.yaml").exists():
        known = sorted(path.stem for path in (CONF / "run").glob("*.yaml"))
        raise InputError(f"run {name!r}: there is no conf/run/{name}.yaml; there are {', '.join(known)}")
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            values = compose("config", overrides=[f"run={name}", f"name={name}", *(overrides or [])])
            return checked(OmegaConf.to_container(values, resolve=True))
    except (HydraException, OmegaConfBaseException) as error:
        raise refused(error) from None


def checked(values: Any) -> Config:
    """A valid config from plain values, in which patterns and `all` have become lists."""
    values = copy.deepcopy(values)
    model = values.get("model")
    if isinstance(model, dict) and model.get("checkpoints") is not None:
        model["checkpoints"] = brought.listed(model["checkpoints"])
    count = checkpoint_count(values)
    for explained in (values.get(name) for name in ("impacts", "faithfulness")):
        if isinstance(explained, dict) and explained.get("epochs") == "all" and count is not None:
            explained["epochs"] = list(range(count))
    return config.checked(values)


def checkpoint_count(values: dict[str, Any]) -> int | None:
    """How many checkpoints `all` are; None where that does not follow, from what the config's own check will refuse."""
    model, trainer = (values.get(name) for name in ("model", "trainer"))
    files = model.get("checkpoints") if isinstance(model, dict) else None
    if files is not None:
        return len(files) if isinstance(files, list) else None
    epochs = trainer.get("epochs") if isinstance(trainer, dict) else None
    return epochs + 1 if isinstance(epochs, int) else None


def refused(error: Exception) -> InputError:
    """What Hydra says of a config it cannot compose, in one line that names the key and what is allowed."""
    message = str(error).partition("Config search path:")[0]
    absent = re.search(r"Could not load 'hydra/launcher/(\w+)'", message)
    if absent and (extra := LAUNCHERS.get(absent[1])):
        return InputError(
            f"config: hydra/launcher: a package is missing, which this brings: pip install -e '.[{extra}]'"
        )
    unknown = re.search(r"Could not override '([\w.]+)'", message)
    if unknown and unknown[1].startswith("corpus.arguments"):
        return InputError("config: corpus.arguments: name each with a plus on the command line: +corpus.arguments.n=3")
    if unknown and unknown[1] == "model.checkpoints":
        return InputError("config: model.checkpoints: name them with a plus: '+model.checkpoints=weights/*.pt'")
    if unknown and unknown[1].startswith("model."):
        some = ", ".join(known_keys(["model"]))
        return InputError(f"config: {unknown[1]} is not a known key; allowed, depending on the network: {some}")
    if unknown and (allowed := known_keys(unknown[1].split(".")[:-1])):
        return InputError(f"config: {unknown[1]} is not a known key; allowed: {', '.join(allowed)}")
    return InputError(f"config: {message}")


def known_keys(section: list[str]) -> list[str]:
    """The keys of a section; those of a model are the arguments of the networks that conf/model configures."""
    if section == ["model"]:
        files = sorted((CONF / "model").glob("*.yaml"))
        return sorted({key for file in files for key in yaml.safe_load(file.read_text(encoding="utf-8"))["model"]})
    return config.allowed_keys(section)


def check(composed: Config) -> None:
    """Refuse, by name, what needs the network itself: its arguments, its claims and the names of its layers.

    The network is built small and thrown away, before anything is read or trained. One that knows by itself what it
    reads is tried once the corpus is read. A package that drawing the maps will take has to be there as well.
    """
    if needed := projections.missing(composed.maps.method):
        raise InputError(f"config: maps.method={composed.maps.method} needs {needed}")
    model, classes = composed.model, composed.corpus.classes
    tokens, channels = (trial.TOKENS, None) if composed.corpus.steps is None else (None, trial.CHANNELS)
    outputs = outputs_for(len(classes or "12"))  # classes not yet found: any number will do
    network = networks.build(model.network, model.arguments, tokens, outputs, channels)
    if networks.takes(model.network, "channels" if channels else "tokens"):
        trial.check(network, composed.maps.layers, outputs if classes else None, channels)
    else:
        networks.check_layers(network, dict(composed.maps.layers))


def write(run: Run, composed: Config) -> None:
    check(composed)
    store.write_empty_tables(run.artifacts)
    flat = composed.flat()
    run.write("config", {"key": list(flat), "value": list(flat.values())})
    store.write_text(run.config, config.text(composed))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.stages.compose",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", help="name of a file in conf/run, without .yaml")
    name = parser.parse_args().run
    with told_in_one_line():
        write(Run(name), composed(name))


if __name__ == "__main__":
    main()
