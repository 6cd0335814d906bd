"""A 1-D convolutional network: what counts is whether a feature occurred, not where (Kim 2014, windows to the left)."""

import torch
from pydantic import validate_call
from torch import nn
from torch.nn import functional

from pipeline.models.ends import STRICT, Ends, Rate, Width, from_nothing, within


class CausalConvolution(nn.Module):
    """Features of each element and the `window` - 1 before it, with ReLU; before the first element lie zeros."""

    def __init__(self, width: int, filters: int, window: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, filters, window)
        self.before = window - 1

    def forward(self, elements: torch.Tensor) -> torch.Tensor:
        """(batch, T, width) to (batch, T, filters), all at least 0."""
        padded = functional.pad(elements.transpose(1, 2), (self.before, 0))
        return torch.relu(self.convolution(padded)).transpose(1, 2)


class MaxPooling(nn.Module):
    """The largest value of each feature among the elements read; zeros for an empty sequence."""

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T, filters), all at least 0, and (batch,) lengths to (batch, filters)."""
        read = within(lengths, features.shape[1])
        return (features * read[..., None]).amax(dim=1)


class ConvolutionClassifier(Ends):
    """Embedding, convolutions one upon the other, largest value over all places, dropout, dense layer, output.

    It is causal: windows end at their element, and the largest value so far is known after every element.
    """

    @validate_call(config=STRICT)
    def __init__(
        self,
        tokens: Width | None,
        outputs: Width,
        embedding: Width,
        filters: Width,
        window: Width,
        dense: Width | None,
        dropout: Rate,
        layers: Width = 1,
        channels: Width | None = None,
    ) -> None:
        super().__init__()
        self.read(tokens, channels, embedding)
        self.names = ["conv", *(f"conv{number}" for number in range(2, layers + 1))]
        for number, name in enumerate(self.names):
            self.add_module(name, CausalConvolution(filters if number else embedding, filters, window))
        self.pooling = MaxPooling()
        self.decide(filters, dense, outputs, dropout)

    def features(self, inputs: torch.Tensor) -> torch.Tensor:
        """The last convolution's features at every element: (batch, T, filters)."""
        found: torch.Tensor = self.embedding(inputs)
        for name in self.names:
            found = self.get_submodule(name)(found)
        return found

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths to (batch, outputs) logits."""
        return self.head(self.pooling(self.features(inputs), lengths))

    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits after 0, 1, ..., T elements; those beyond a length are meaningless."""
        return self.head(from_nothing(self.features(inputs)).cummax(dim=1).values)
