"""What all our networks share: elements become vectors at one end, one vector becomes logits at the other."""

from typing import Annotated

import torch
from pydantic import ConfigDict, Field
from torch import nn

Width = Annotated[int, Field(gt=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]
STRICT = ConfigDict(strict=True)


class Ends(nn.Module):
    """The two ends of a network; a subclass adds what lies between.

    Weights are drawn in the order in which layers are made, so a subclass calls `read`, makes its own layers, and
    calls `decide`.
    """

    embedding: nn.Module
    dropout: nn.Module
    dense: nn.Module | None
    output: nn.Module

    def read(self, tokens: int | None, channels: int | None, width: int) -> None:
        """Make the layer that turns ids (batch, T) or vectors (batch, T, channels) into (batch, T, width).

        tokens: number of ids, padding included, or None; channels: numbers an element has, or None.
        """
        if (tokens is None) == (channels is None):
            raise ValueError("either tokens or channels must be given")
        if channels is not None:
            self.embedding = nn.Linear(channels, width)
        elif tokens is not None:
            self.embedding = nn.Embedding(tokens, width, padding_idx=0)

    def decide(self, width: int, dense: int | None, outputs: int, dropout: float) -> None:
        """Make the head: dropout, dense layer with ReLU, dropout, output; without the dense layer if it is None."""
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Sequential(nn.Linear(width, dense), nn.ReLU()) if dense else None
        self.output = nn.Linear(dense or width, outputs)

    def head(self, vectors: torch.Tensor) -> torch.Tensor:
        """(..., width) vectors to (..., outputs) logits."""
        vectors = self.dropout(vectors)
        if self.dense is not None:
            vectors = self.dropout(self.dense(vectors))
        logits: torch.Tensor = self.output(vectors)
        return logits


def last(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, T, width) states after 1, ..., T elements to (batch, width) after the last; zeros after none."""
    after = states[torch.arange(len(states), device=states.device), (lengths - 1).clamp(min=0)]
    return after * (lengths > 0)[:, None]


def from_nothing(states: torch.Tensor) -> torch.Tensor:
    """(batch, T, width) states to (batch, T + 1, width): before any element the state is zero."""
    return torch.cat([torch.zeros_like(states[:, :1]), states], dim=1)


def within(lengths: torch.Tensor, size: int) -> torch.Tensor:
    """(batch, size) booleans: which places hold an element."""
    return torch.arange(size, device=lengths.device)[None] < lengths[:, None]
