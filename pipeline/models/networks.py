"""The networks. Each is called as `network(inputs, lengths) -> logits`; a causal one also offers `prefix_logits`."""

import importlib
import inspect
from typing import Annotated, Any

import torch
from pydantic import ConfigDict, Field, ValidationError, validate_call
from torch import nn

from pipeline.errors import InputError

Width = Annotated[int, Field(gt=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]
STRICT = ConfigDict(strict=True)
GIVEN = ("self", "tokens", "outputs")  # constructor arguments that follow from the corpus, not from the config


class LSTMClassifier(nn.Module):
    """The paper's network: embedding, LSTM, dropout, dense layer with ReLU, dropout, output.

    It is causal: its state after t elements depends on those alone, so one pass holds the answer for every prefix.
    """

    @validate_call(config=STRICT)
    def __init__(
        self, tokens: Width, outputs: Width, embedding: Width, hidden: Width, dense: Width, dropout: Rate
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, embedding, padding_idx=0)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Sequential(nn.Linear(hidden, dense), nn.ReLU())
        self.output = nn.Linear(dense, outputs)

    def states(self, inputs: torch.Tensor) -> torch.Tensor:
        """The LSTM's state after 1, 2, ..., T elements: (batch, T, hidden)."""
        after: torch.Tensor = self.lstm(self.embedding(inputs))[0]
        return after

    def head(self, states: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.output(self.dropout(self.dense(self.dropout(states))))
        return logits

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids and (batch,) lengths to (batch, outputs) logits; what lies beyond a length is not read."""
        last = self.states(inputs)[torch.arange(len(inputs)), (lengths - 1).clamp(min=0)]
        return self.head(last * (lengths > 0)[:, None])  # before any element the state is zero

    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits after 0, 1, ..., T elements; those beyond a length are meaningless."""
        after = self.states(inputs).transpose(0, 1)  # as the LSTM left them in memory: a fifth faster to read
        before = after.new_zeros(1, *after.shape[1:])
        return torch.cat([self.head(before), self.head(after)]).transpose(0, 1)


def find(path: str) -> type[nn.Module]:
    """The network class at an import path."""
    module, _, name = path.rpartition(".")
    try:
        network = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise InputError(f"config: model.network={path!r} cannot be imported: {error}") from None
    except AttributeError:
        raise InputError(f"config: model.network={path!r}: {module} has no {name}") from None
    if not (inspect.isclass(network) and issubclass(network, nn.Module)):
        raise InputError(f"config: model.network={path!r} is not a torch.nn.Module class")
    return network


def build(path: str, arguments: dict[str, Any], tokens: int, outputs: int) -> nn.Module:
    """A fresh network.

    tokens: number of ids, padding and unknown included; outputs: 1 for two classes, else one a class.
    Raises InputError naming the argument that is unknown, missing or impossible.
    """
    network = find(path)
    allowed = [name for name in inspect.signature(network.__init__).parameters if name not in GIVEN]
    for name in arguments:
        if name not in allowed:
            raise InputError(f"config: model.{name} is not a known key; allowed: {', '.join(['network', *allowed])}")
    try:
        return network(tokens=tokens, outputs=outputs, **arguments)
    except ValidationError as refusal:
        error = refusal.errors()[0]
        name, reason = str(error["loc"][-1]), error["msg"][0].lower() + error["msg"][1:]
        if error["type"].startswith("missing"):
            raise InputError(f"config: model.{name} is missing") from None
        raise InputError(f"config: model.{name}={error['input']!r} is not allowed: {reason}") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"config: model: {path} refused its arguments: {error}") from None


def check_layers(network: nn.Module, layers: dict[str, str]) -> None:
    """Refuse a layer that the network does not have, naming those it has."""
    known = [name for name, _ in network.named_modules() if name]
    for layer in layers:
        if layer not in known:
            raise InputError(f"config: maps.layers.{layer} is not a layer of this network; it has {', '.join(known)}")
