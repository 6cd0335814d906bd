"""Networks that read one element after the other: LSTM (the paper's), GRU and plain recurrent layers."""

from collections.abc import Callable
from typing import ClassVar, cast

import torch
from pydantic import validate_call
from torch import nn

from pipeline.models.ends import STRICT, Ends, Rate, Width, last
from pipeline.models.left_out import states_without_each


class RecurrentClassifier(Ends):
    """Embedding, recurrent layers one upon the other, dropout, dense layer with ReLU, dropout, output.

    It is causal: its state after t elements depends on those alone, so one pass holds the answer for every prefix.
    The layers are modules of their own, `lstm`, `lstm2`, ..., so that each can be mapped.
    """

    kind: ClassVar[Callable[..., nn.RNNBase]]
    name: ClassVar[str]

    @validate_call(config=STRICT)
    def __init__(
        self,
        tokens: Width | None,
        outputs: Width,
        embedding: Width,
        hidden: Width,
        dense: Width | None,
        dropout: Rate,
        layers: Width = 1,
        channels: Width | None = None,
    ) -> None:
        super().__init__()
        self.read(tokens, channels, embedding)
        self.names = [self.name, *(f"{self.name}{number}" for number in range(2, layers + 1))]
        for number, name in enumerate(self.names):
            self.add_module(name, self.kind(hidden if number else embedding, hidden, batch_first=True))
        self.decide(hidden, dense, outputs, dropout)

    def states(self, inputs: torch.Tensor) -> torch.Tensor:
        """The last layer's state after 1, 2, ..., T elements: (batch, T, hidden)."""
        after: torch.Tensor = self.embedding(inputs)
        for number, name in enumerate(self.names):
            after = self.get_submodule(name)(self.dropout(after) if number else after)[0]
        return after

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths to (batch, outputs) logits.

        What lies beyond a length is not read.
        """
        return self.head(last(self.states(inputs), lengths))

    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits after 0, 1, ..., T elements; those beyond a length are meaningless."""
        after = self.states(inputs).transpose(0, 1)  # as the layer left them in memory: a fifth faster to read
        before = after.new_zeros(1, *after.shape[1:])
        return torch.cat([self.head(before), self.head(after)]).transpose(0, 1)

    @torch.no_grad()
    def leave_one_out_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T, outputs) logits without the first, ..., the last element; meaningless beyond a length."""
        layers = [cast(nn.RNNBase, self.get_submodule(name)) for name in self.names]
        return self.head(states_without_each(layers, self.embedding(inputs), lengths))


class LSTMClassifier(RecurrentClassifier):
    """The paper's network, if it has one layer."""

    kind, name = nn.LSTM, "lstm"


class GRUClassifier(RecurrentClassifier):
    """Gated recurrent units."""

    kind, name = nn.GRU, "gru"


class RNNClassifier(RecurrentClassifier):
    """Plain recurrence, h = tanh(W x + U h + b), without any gate."""

    kind, name = nn.RNN, "rnn"
