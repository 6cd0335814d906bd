"""Weights that a person brings: files of state dicts, one an epoch, in place of a training.

They are loaded with weights_only.
"""

import glob
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from pipeline.errors import InputError
from pipeline.models import checkpoints

WRAPPED = ("weights", "state_dict", "model_state_dict")  # where checkpoints of ours, of Lightning and of many keep them


def listed(named: object) -> object:
    """What model.checkpoints names, as a list of paths: files in their given order, or those that a pattern matches.

    A file that is there is that file, whatever its name would mean as a pattern. Matches are in order of the numbers in
    their names: step-9 comes before step-10. What is neither a list nor a pattern is returned as it is, for the check
    of the config to refuse. Raises InputError for a file that is not there.
    """
    if isinstance(named, str):
        if Path(named).is_file():
            return [named]
        found = sorted(glob.glob(named, recursive=True), key=by_numbers)
        if not found:
            raise InputError(f"config: model.checkpoints={named!r} matches no file")
        return found
    if isinstance(named, list):
        for path in named:
            if isinstance(path, str) and not Path(path).is_file():
                raise InputError(f"config: model.checkpoints: {path}: no such file")
    return named


def by_numbers(path: str) -> list[tuple[int, str]]:
    """A key that sorts texts with numbers in them by the numbers' values."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)]


def load(network: nn.Module, path: Path) -> None:
    """Put the weights in the file at `path` into `network`.

    Raises InputError where the file is missing, damaged, holds more than weights, or does not fit.
    """
    content = checkpoints.read(path, advice="save it by torch.save(network.state_dict(), path)")
    weights = unprefixed(unwrapped(content), network.state_dict())
    try:
        network.load_state_dict(weights)
    except (RuntimeError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: its weights do not fit the network that model.network names: {reason}") from None


def unwrapped(content: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in WRAPPED:
        if isinstance(content.get(name), Mapping):
            found: Mapping[str, Any] = content[name]
            return found
    return content


def unprefixed(weights: Mapping[str, Any], expected: Mapping[str, Any]) -> Mapping[str, Any]:
    """The weights without the name of the attribute that held the network when they were saved, if that is all."""
    shorter = {str(name).partition(".")[2]: value for name, value in weights.items()}
    return shorter if shorter.keys() == expected.keys() and len(shorter) == len(weights) else weights
