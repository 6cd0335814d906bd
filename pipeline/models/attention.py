"""An LSTM whose states are averaged by learned weights: attention pooling (Bahdanau et al. 2015, one query)."""

import torch
from pydantic import validate_call
from torch import nn

from pipeline.models.ends import STRICT, Ends, Rate, Width, from_nothing, within


class AttentionPooling(nn.Module):
    """The mean of states, weighted by softmax(v . tanh(W state + b)) over the elements read."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, 1, bias=False))

    def weights(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T, width) states to (batch, T) weights that add up to 1 within each length, and are 0 beyond."""
        read = within(lengths, states.shape[1])
        scores = self.score(states)[..., 0].masked_fill(~read, -torch.inf)
        weights: torch.Tensor = scores.softmax(dim=1).masked_fill(~read, 0)  # none for an empty sequence, not NaN
        return weights

    def forward(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T, width) states to their (batch, width) weighted mean; zeros for an empty sequence."""
        return (self.weights(states, lengths)[..., None] * states).sum(dim=1)

    def prefixes(self, states: torch.Tensor) -> torch.Tensor:
        """(batch, T, width): the weighted mean of the first 1, ..., T states.

        A state's score depends on that state alone. Its weight among the elements up to itself
        is g[t] = exp(score[t] - log(exp(score[1]) + ... + exp(score[t]))), and reading it moves the mean by that
        share towards its state: mean[t] = mean[t-1] + g[t] (state[t] - mean[t-1]).
        """
        scores = self.score(states)
        shares = (scores - scores.logcumsumexp(dim=1)).exp()
        mean = torch.zeros_like(states[:, 0])
        means = []
        for state, share in zip(states.unbind(1), shares.unbind(1), strict=True):
            mean = torch.lerp(mean, state, share)
            means.append(mean)
        return torch.stack(means, dim=1)


class AttentionLSTM(Ends):
    """Embedding, LSTM, attention pooling of its states, dropout, dense layer with ReLU, dropout, output.

    It is causal: a state and its score depend on the elements up to it alone.
    """

    @validate_call(config=STRICT)
    def __init__(
        self,
        tokens: Width | None,
        outputs: Width,
        embedding: Width,
        hidden: Width,
        attention: Width,
        dense: Width | None,
        dropout: Rate,
        channels: Width | None = None,
    ) -> None:
        super().__init__()
        self.read(tokens, channels, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.pooling = AttentionPooling(hidden, attention)
        self.decide(hidden, dense, outputs, dropout)

    def states(self, inputs: torch.Tensor) -> torch.Tensor:
        """The LSTM's state after 1, 2, ..., T elements: (batch, T, hidden)."""
        after: torch.Tensor = self.lstm(self.embedding(inputs))[0]
        return after

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths to (batch, outputs) logits."""
        return self.head(self.pooling(self.states(inputs), lengths))

    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits after 0, 1, ..., T elements; those beyond a length are meaningless."""
        return self.head(from_nothing(self.pooling.prefixes(self.states(inputs))))

    def attention_weights(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) weights of the elements of the whole sequences: 0 to 1, zeros beyond a length."""
        return self.pooling.weights(self.states(inputs), lengths)
