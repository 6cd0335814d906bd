"""Small transformers (Vaswani et al. 2017, normalised before each sublayer): one that looks back, one both ways."""

import math

import torch
from pydantic import validate_call
from torch import nn
from torch.nn import functional

from pipeline.errors import InputError
from pipeline.models.ends import STRICT, Ends, Rate, Width, last, within


class Block(nn.Module):
    """Self-attention, then two dense layers, each added to what came in."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.dense_norm = nn.LayerNorm(width)
        self.dense = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, elements: torch.Tensor, read: torch.Tensor | None) -> torch.Tensor:
        """(batch, T, width) to the same shape. read: (batch, T) who is looked at; None: all up to oneself."""
        elements = elements + self.dropout(self.attend(self.attention_norm(elements), read))
        changed: torch.Tensor = elements + self.dropout(self.dense(self.dense_norm(elements)))
        return changed

    def attend(self, elements: torch.Tensor, read: torch.Tensor | None) -> torch.Tensor:
        shape = (*elements.shape[:2], 3, self.heads, -1)
        q, k, v = self.queries_keys_values(elements).reshape(shape).permute(2, 0, 3, 1, 4)
        mask = None if read is None else read[:, None, None]
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=read is None)
        mixed: torch.Tensor = self.mixed(seen.transpose(1, 2).flatten(2))
        return mixed


class Transformer(Ends):
    """Embedding with sinusoids of the position, blocks, a last normalisation, head. A subclass says who sees whom.

    It is not defined on an empty sequence: there is nothing to look at.
    """

    defined_on_empty = False

    @validate_call(config=STRICT)
    def __init__(
        self,
        tokens: Width | None,
        outputs: Width,
        embedding: Width,
        heads: Width,
        hidden: Width,
        layers: Width,
        dense: Width | None,
        dropout: Rate,
        channels: Width | None = None,
    ) -> None:
        if embedding % (2 * heads):
            raise InputError(f"config: model.embedding={embedding} must be an even multiple of model.heads={heads}")
        super().__init__()
        self.read(tokens, channels, embedding)
        self.blocks = nn.ModuleList(Block(embedding, heads, hidden, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(embedding)
        self.decide(embedding, dense, outputs, dropout)

    def states(self, inputs: torch.Tensor, read: torch.Tensor | None) -> torch.Tensor:
        """(batch, T, embedding) of the elements as the last block leaves them; `read` as a block takes it."""
        elements: torch.Tensor = self.embedding(inputs)
        elements = self.dropout(elements + sinusoids(elements.shape[1], elements.shape[2], elements.device))
        for block in self.blocks:
            elements = block(elements, read)
        normal: torch.Tensor = self.norm(elements)
        return normal


class CausalTransformer(Transformer):
    """Each element sees those up to itself; the last one decides. One pass holds the answer for every prefix."""

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths from 1 to (batch, outputs) logits."""
        return self.head(last(self.states(inputs, None), lengths))

    def prefix_logits(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T + 1, outputs) logits after 0, 1, ..., T elements; NaN after none."""
        after = self.head(self.states(inputs, None))
        return torch.cat([torch.full_like(after[:, :1], torch.nan), after], dim=1)


class BidirectionalTransformer(Transformer):
    """Each element sees all others; the mean over all decides.

    Every element's state depends on every other element, so prefixes share nothing and are evaluated each for itself.
    """

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch, T) ids or (batch, T, channels) vectors and (batch,) lengths from 1 to (batch, outputs) logits."""
        read = within(lengths, inputs.shape[1])
        total = (self.states(inputs, read) * read[..., None]).sum(dim=1)
        return self.head(total / lengths[:, None])


def sinusoids(length: int, width: int, device: torch.device) -> torch.Tensor:
    """(length, width), width even: sine and cosine of the position at wavelengths from 2 pi to 10,000 times 2 pi."""
    position = torch.arange(length, device=device)[:, None]
    angle = position * torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10_000) / width))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
