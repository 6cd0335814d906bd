"""The states of recurrent layers that have read all elements but one, for every one: sequences share their prefixes."""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional

State = list[torch.Tensor]  # of a layer: what it hands on, and for an LSTM its memory; (rows, batch, hidden) each


def states_without_each(layers: Sequence[nn.RNNBase], elements: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The last layer's state after all elements but element t: (batch, T, hidden), zeros beyond a length.

    elements: (batch, T, width) what the first of the layers, one upon the other, reads; lengths: (batch,).
    Without element t a sequence begins as the whole one does. So at step t one more row of states sets out, from the
    state before t, and all rows that have set out read the next element together: half the steps of reading each for
    itself, and what an element adds to the first layer's gates is computed once.
    """
    batch, size, _ = elements.shape
    states = [[elements.new_zeros(size + 1, batch, layer.hidden_size) for _ in range(parts(layer))] for layer in layers]
    result = elements.new_zeros(batch, size, layers[-1].hidden_size)
    added = functional.linear(elements.transpose(0, 1), *ours(layers[0]))
    for place in range(size):
        for part in (part for state in states for part in state):
            part[place + 1] = part[0]
        read = added[place]
        for layer, state in zip(layers, states, strict=True):
            if layer is not layers[0]:
                read = functional.linear(read, *ours(layer))
            STEPS[layer.mode](layer, read, [part[: place + 1] for part in state])
            read = state[0][: place + 1]
        ended = lengths == place + 1
        if ended.any():
            result[ended, : place + 1] = states[-1][0][1 : place + 2, ended].transpose(0, 1)
    return result


def parts(layer: nn.RNNBase) -> int:
    return 2 if layer.mode == "LSTM" else 1


def ours(layer: nn.RNNBase) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights and the bias by which what is read adds to the gates."""
    weights = layer.all_weights[0]
    return weights[0], weights[2]


def recurrent(layer: nn.RNNBase, state: torch.Tensor) -> torch.Tensor:
    """What (rows, batch, hidden) states add to the gates."""
    weights = layer.all_weights[0]
    return functional.linear(state, weights[1], weights[3])


# One step of each kind of layer: `added`, by what is read, is the same for all rows or has one for each; the state is
# changed in place.


def lstm_step(layer: nn.RNNBase, added: torch.Tensor, state: State) -> None:
    handed, memory = state
    entry, forget, cell, out = recurrent(layer, handed).add_(added).chunk(4, dim=-1)
    memory.mul_(forget.sigmoid_()).addcmul_(entry.sigmoid_(), cell.tanh_())
    torch.mul(out.sigmoid_(), memory.tanh(), out=handed)


def gru_step(layer: nn.RNNBase, added: torch.Tensor, state: State) -> None:
    (handed,) = state
    reset, update, new = recurrent(layer, handed).chunk(3, dim=-1)
    added_reset, added_update, added_new = added.chunk(3, dim=-1)
    new = (reset + added_reset).sigmoid_().mul_(new).add_(added_new).tanh_()
    handed.sub_(new).mul_((update + added_update).sigmoid_()).add_(new)


def rnn_step(layer: nn.RNNBase, added: torch.Tensor, state: State) -> None:
    (handed,) = state
    handed.copy_(recurrent(layer, handed).add_(added).tanh_())


STEPS: dict[str, Callable[[nn.RNNBase, torch.Tensor, State], None]] = {
    "LSTM": lstm_step,
    "GRU": gru_step,
    "RNN_TANH": rnn_step,
}
