"""Checkpoints: weights and primitive hyper-parameters, nothing to run. Written whole, loaded with weights_only=True."""

import io
import pickle
import zipfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pipeline.config import Config
from pipeline.data import stored
from pipeline.errors import InputError
from pipeline.models import networks
from pipeline.models.scores import outputs_for
from pipeline.store import Run, write_bytes


@dataclass(frozen=True)
class Description:
    """What a network is built from: see `networks.build`."""

    network: str
    arguments: dict[str, Any]
    tokens: int | None
    outputs: int
    channels: int | None = None

    def plain(self) -> dict[str, Any]:
        """For a checkpoint; without `channels` for words, as checkpoints were before there were others."""
        return {key: value for key, value in asdict(self).items() if (key, value) != ("channels", None)}

    def build(self) -> nn.Module:
        return networks.build(self.network, self.arguments, self.tokens, self.outputs, self.channels)


def describe(config: Config, run: Run) -> Description:
    """What the network of a run is built from: its config, and what the `examples` stage found in the corpus."""
    tokens, channels = stored.vocabulary(run).size, stored.channels(run).count
    return Description(
        config.model.network,
        config.model.arguments,
        None if channels else tokens,
        outputs_for(len(stored.classes(run))),
        channels or None,
    )


def packed(network: nn.Module, description: Description, epoch: int) -> bytes:
    """A checkpoint file's content; the same weights give the same bytes, whatever the file is called."""
    buffer = io.BytesIO()
    weights = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in network.state_dict().items()
    }
    torch.save({"epoch": epoch, "description": description.plain(), "weights": weights}, buffer)
    return buffer.getvalue()


def save(path: Path, network: nn.Module, description: Description, epoch: int) -> None:
    write_bytes(path, packed(network, description, epoch))


def load(path: Path, expected: Description) -> nn.Module:
    """The network of a checkpoint, ready to evaluate.

    Raises InputError naming the file where it is missing, damaged or of another model than `expected`.
    """
    content = read(path)
    try:
        found, weights = Description(**content["description"]), dict(content["weights"])
        found = replace(found, arguments=dict(found.arguments))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: not a checkpoint of this project; train the run again") from None
    if found != expected:
        raise InputError(f"{path}: a checkpoint of another model ({difference(found, expected)}); train the run again")
    network = found.build()
    try:
        network.load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: its weights do not fit {found.network}: {reason}; train the run again") from None
    return network.eval()


def read(path: Path, advice: str = "train the run again") -> dict[str, Any]:
    """What a file that torch.save wrote holds; InputError with `advice` where it is damaged or not mere weights."""
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such checkpoint; train the run first") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a checkpoint") from None
    if reason := damage(packed):
        raise InputError(f"{path}: not a whole checkpoint ({reason}); {advice}")
    try:
        content = torch.load(io.BytesIO(packed), weights_only=True, map_location="cpu")
    except pickle.UnpicklingError:
        raise InputError(f"{path}: holds more than weights and is not loaded; {advice}") from None
    except (RuntimeError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: not a checkpoint of this project ({reason}); {advice}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a checkpoint of this project; {advice}")
    return content


def damage(packed: bytes) -> str | None:
    """What is wrong with the archive that a checkpoint is. (torch itself does not compare its check sums.)"""
    if not zipfile.is_zipfile(io.BytesIO(packed)):
        return "cut short, or of another kind"
    try:
        broken = zipfile.ZipFile(io.BytesIO(packed)).testzip()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        return str(error)
    return broken and f"the check sum of {broken} is wrong"


def difference(found: Description, expected: Description) -> str:
    """The first thing in which two descriptions differ."""
    one, other = flat(found), flat(expected)
    for key in sorted(one | other):
        if one.get(key) != other.get(key):
            return f"its {key} is {one.get(key)}, the run's is {other.get(key)}"
    return "no difference"


def flat(description: Description) -> dict[str, Any]:
    return {**asdict(description), **description.arguments, "arguments": None}
