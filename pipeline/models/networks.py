"""The networks by name, and how one is built from its config.

Each is called as `network(inputs, lengths) -> logits`. What else it may say is told in pipeline/explain/prefix.py.
"""

import inspect
import re
from typing import Any

from pydantic import ValidationError
from torch import nn

from pipeline import own_code
from pipeline.errors import InputError
from pipeline.models.attention import AttentionLSTM
from pipeline.models.bidirectional import BidirectionalLSTM
from pipeline.models.convolution import ConvolutionClassifier
from pipeline.models.recurrent import GRUClassifier, LSTMClassifier, RNNClassifier
from pipeline.models.transformer import BidirectionalTransformer, CausalTransformer

__all__ = [
    "AttentionLSTM",
    "BidirectionalLSTM",
    "BidirectionalTransformer",
    "CausalTransformer",
    "ConvolutionClassifier",
    "GRUClassifier",
    "LSTMClassifier",
    "RNNClassifier",
    "build",
    "check_layers",
    "find",
]

GIVEN = ("self", "tokens", "outputs", "channels")  # arguments that follow from the corpus, not from the config

TOO_LARGE = re.compile("CPUAllocator|[Oo]verflow")  # what torch says of weights that memory, or a number, cannot hold


def find(path: str) -> type[nn.Module]:
    """The network class at an import path."""
    network = own_code.imported(path, "model.network")
    if not (inspect.isclass(network) and issubclass(network, nn.Module)):
        raise InputError(f"config: model.network={path!r} is not a torch.nn.Module class")
    return network


def takes(path: str, argument: str) -> bool:
    """Whether the constructor of the network class at an import path has an argument of that name."""
    known = inspect.signature(find(path).__init__).parameters
    return argument in known or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())


def build(
    path: str, arguments: dict[str, Any], tokens: int | None, outputs: int, channels: int | None = None
) -> nn.Module:
    """A fresh network.

    tokens: number of ids, padding and unknown included, for words; channels: numbers a step, for sequences of numbers;
    one of the two, the other None. outputs: 1 for two classes, else one a class. Of these three a network is given
    those that its constructor takes: one that is made for one corpus alone may know them by itself.
    Raises InputError naming the argument that is unknown, missing or impossible.
    """
    network = find(path)
    known = inspect.signature(network.__init__).parameters
    any_name = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.values())
    given = {"tokens": tokens, "channels": channels, "outputs": outputs}
    said, needed, other = ("words", "tokens", "channels") if channels is None else ("numbers", "channels", "tokens")
    if other in known and needed not in known and not any_name:
        raise InputError(
            f"config: model.network={path!r} does not read {said}: its constructor has no argument {needed}"
        )
    allowed = [name for name in known if name not in GIVEN]
    for name in arguments:
        if name in GIVEN or (name not in allowed and not any_name):
            raise InputError(f"config: model.{name} is not a known key; allowed: {', '.join(['network', *allowed])}")
    taken = {name: value for name, value in given.items() if name in known or any_name}
    with own_code.failing(network.__module__, f"config: model: {path} cannot be made"):
        return made(network, {**taken, **arguments})


def made(network: type[nn.Module], arguments: dict[str, Any]) -> nn.Module:
    """A network of a class; InputError where pydantic refuses an argument, or torch a size."""
    try:
        return network(**arguments)
    except ValidationError as refusal:
        error = refusal.errors()[0]
        name, reason = str(error["loc"][-1]), error["msg"][0].lower() + error["msg"][1:]
        if error["type"].startswith("missing"):
            raise InputError(f"config: model.{name} is missing") from None
        raise InputError(f"config: model.{name}={error['input']!r} is not allowed: {reason}") from None
    except (RuntimeError, TypeError) as error:
        if not TOO_LARGE.search(str(error)):
            raise
        raise InputError(f"config: model: a {network.__name__} this large does not fit into memory") from None


def check_layers(network: nn.Module, layers: dict[str, str]) -> None:
    """Refuse a layer that the network does not have, naming those it has."""
    known = [name for name, _ in network.named_modules() if name]
    for layer in layers:
        if layer not in known:
            raise InputError(f"config: maps.layers.{layer} is not a layer of this network; it has {', '.join(known)}")
