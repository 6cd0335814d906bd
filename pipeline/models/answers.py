"""What a network answers, checked: logits in the right shape, all finite; a failure of a person's class in one line."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from pipeline import own_code
from pipeline.data.sequences import Sequences
from pipeline.errors import InputError

ATTENTION_TOLERANCE = 1e-4  # of a sum of float32 weights
Answer = TypeVar("Answer")


def asked(network: nn.Module, ask: Callable[[], Answer], what: str) -> Answer:
    """What `ask` finds out from a network; InputError naming the line of a person's class where it fails."""
    with own_code.failing(type(network).__module__, f"config: model.network fails on {what}"):
        return ask()


def logits(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, outputs: int | None, what: str
) -> torch.Tensor:
    """The (batch, outputs) finite logits of a network; outputs: how many are wanted, None if not known yet."""
    found = shaped(network, inputs, lengths, outputs, what)
    if not found.isfinite().all():
        raise InputError(f"config: model.network answers {what} with NaN or infinity")
    return found


def shaped(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, outputs: int | None, what: str
) -> torch.Tensor:
    """The same, whatever the logits are."""
    found = asked(network, lambda: network(inputs, lengths), what)
    wanted = f"model.network must answer (batch, {outputs or 'outputs'}) logits"
    if not isinstance(found, torch.Tensor):
        raise InputError(f"config: {wanted}, not {type(found).__name__} as for {what}")
    if found.ndim != 2 or found.shape != (len(inputs), outputs or found.shape[-1]):
        raise InputError(f"config: {wanted}, not shape {tuple(found.shape)} as for {what}")
    return found


@torch.no_grad()
def check(network: nn.Module, examples: Sequences, classes: list[str], outputs: int) -> None:
    """Refuse a network that does not answer the shortest, a middle and the longest of real examples as is wanted."""
    network.eval()
    order = np.argsort(examples.lengths, kind="stable")
    inputs, lengths = examples.padded(order[[0, len(order) // 2, -1]])
    what = f"sequences of {', '.join(map(str, lengths.tolist()))} elements"
    found = logits(network, inputs, lengths, None, what)
    if found.shape[1] != outputs:
        raise InputError(
            f"config: model.network must answer (batch, {outputs}) logits for {len(classes)} classes, "
            f"not shape {tuple(found.shape)}"
        )
