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
GIVEN = ("self", "tokens", "channels", "outputs")  # arguments that follow from the corpus, not from the config


def embedding_of(tokens: int | None, channels: int | None, width: int) -> nn.Module:
    """What makes a vector of each element: a table of vectors for (batch, T) ids of words, or a linear layer for
    (batch, T, channels) numbers."""
    if channels is not None:
        return nn.Linear(channels, width)
    if tokens is None:
        raise ValueError("a network reads either ids (tokens) or numbers (channels)")
    return nn.Embedding(tokens, width, padding_idx=0)


class LSTMClassifier(nn.Module):
    """The paper's network: embedding, LSTM, dropout, dense layer with ReLU, dropout, output.

    tokens: number of ids, for words; channels: numbers a step, for sequences of numbers; one of the two.
    It is causal: its state after t elements depends on those alone, so one pass holds the answer for every prefix.
    """

    @validate_call(config=STRICT)
    def __init__(
        self,
        outputs: Width,
        embedding: Width,
        hidden: Width,
        dense: Width,
        dropout: Rate,
        tokens: Width | None = None,
        channels: Width | None = None,
    ) -> None:
        super().__init__()
        self.embedding = embedding_of(tokens, channels, embedding)
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
        """(batch, T) ids or (batch, T, channels) numbers, and (batch,) lengths, to (batch, outputs) logits.

        What lies beyond a length is not read.
        """
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


def build(
    path: str, arguments: dict[str, Any], tokens: int | None, outputs: int, channels: int | None = None
) -> nn.Module:
    """A fresh network.

    tokens: number of ids, padding and unknown included, for words; channels: numbers a step, for sequences of numbers;
    one of the two, the other None. outputs: 1 for two classes, else one a class.
    Raises InputError naming the argument that is unknown, missing or impossible.
    """
    network = find(path)
    known = inspect.signature(network.__init__).parameters
    given, said = ({"tokens": tokens}, "words") if channels is None else ({"channels": channels}, "numbers")
    takes_any = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.values())
    if not takes_any and not given.keys() <= known.keys():
        raise InputError(
            f"config: model.network={path!r} does not read {said}: its constructor has no argument {next(iter(given))}"
        )
    allowed = [name for name in known if name not in GIVEN]
    for name in arguments:
        if name not in allowed:
            raise InputError(f"config: model.{name} is not a known key; allowed: {', '.join(['network', *allowed])}")
    try:
        return network(**given, outputs=outputs, **arguments)
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
