"""A bidirectional LSTM (Graves & Schmidhuber 2005), and all its prefixes with as little work as they need."""

import torch
from pydantic import validate_call
from torch import nn

from pipeline.models.ends import STRICT, Ends, Rate, Width, from_nothing, last, within


class BidirectionalLSTM(Ends):
    """Embedding, an LSTM in either direction, head on the two states that have read everything.

    It is not causal: each further element changes all states of the half that reads backwards. Its prefixes still
    share the forward half, and of the backward half what each element contributes.
    """

    causal = False

    @validate_call(config=STRICT)
    def __init__(
        self,
        tokens: Width | None,
        outputs: Width,
        embedding: Width,
        hidden: Width,
        dense: Width | None,
        dropout: Rate,
        channels: Width | None = None,
    ) -> None:
        super().__init__()
        self.read(tokens, channels, embedding)
        self.forward_lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.backward_lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.decide(2 * hidden, dense, outputs, dropout)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths to (batch, outputs) logits."""
        elements = self.embedding(inputs)
        halves = [self.forward_lstm(elements)[0], self.backward_lstm(turned(elements, lengths))[0]]
        return self.head(torch.cat([last(states, lengths) for states in halves], dim=1))

    @torch.no_grad()
    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits of the prefixes of 0, 1, ..., T elements; meaningless beyond a length."""
        elements = self.embedding(inputs)
        halves = [self.forward_lstm(elements)[0], backward_states(self.backward_lstm, elements)]
        return self.head(from_nothing(torch.cat(halves, dim=2)))


def turned(elements: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, T, width) with the elements of each sequence in reverse order; what lies beyond a length stays."""
    places = torch.arange(elements.shape[1], device=elements.device)[None]
    reverse = torch.where(within(lengths, elements.shape[1]), lengths[:, None] - 1 - places, places)
    return elements.gather(1, reverse[..., None].expand_as(elements))


def backward_states(lstm: nn.LSTM, elements: torch.Tensor) -> torch.Tensor:
    """The state of an LSTM that has read elements t, t-1, ..., 1, for every t from 1 to T: (batch, T, hidden).

    elements: (batch, T, width). That is T^2 / 2 steps, as no two prefixes share a state. But all prefixes meet
    element p together, those that begin with it and those that began later, so the walk down from T to 1 takes
    T batched steps, and what an element adds to the gates is computed once.
    """
    batch, size, _ = elements.shape
    ours, recurrent, our_bias, recurrent_bias = lstm.all_weights[0]
    added = nn.functional.linear(elements, ours, our_bias + recurrent_bias).transpose(0, 1)
    # In order of the prefixes' last elements: those that have begun are a slice.
    state = elements.new_zeros(size, batch, lstm.hidden_size)
    memory = torch.zeros_like(state)
    for place in range(size - 1, -1, -1):
        gates = (state[place:] @ recurrent.T).add_(added[place])
        entry, forget, cell, out = gates.chunk(4, dim=2)
        memory[place:].mul_(forget.sigmoid_()).addcmul_(entry.sigmoid_(), cell.tanh_())
        torch.mul(out.sigmoid_(), memory[place:].tanh(), out=state[place:])
    return state.transpose(0, 1)
