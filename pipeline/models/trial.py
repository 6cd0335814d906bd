"""A network tried on a few made-up sequences, before anything is read or trained: what it claims, and its layers."""

import traceback
from collections.abc import Callable, Mapping

import torch
from torch import nn

from pipeline.errors import InputError
from pipeline.explain import layers, prefix
from pipeline.models.networks import check_layers

LENGTHS = torch.tensor([6, 1, 4])
TOKENS = 20  # ids of the words of the trial
CHANNELS = 3  # numbers a step of the trial


def sequences(channels: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Three padded sequences, the same every time: (3, 6) ids or (3, 6, channels) numbers, and (3,) lengths."""
    random = torch.Generator().manual_seed(0)
    shape = (len(LENGTHS), int(LENGTHS.max()))
    inputs = torch.randn(*shape, channels, generator=random) if channels else ids(shape, random)
    return prefix.cut(inputs, LENGTHS), LENGTHS


def ids(shape: tuple[int, int], random: torch.Generator) -> torch.Tensor:
    return torch.randint(1, TOKENS, shape, generator=random)


@torch.no_grad()
def check(network: nn.Module, poolings: Mapping[str, str], outputs: int | None, channels: int | None = None) -> None:
    """Refuse, in one line, a network that does not do what is asked of it here, or has not the named layers.

    poolings: {module path: pooling}; outputs: how many logits are wanted, None if not known yet; channels: numbers a
    step, None for ids.
    """
    check_layers(network, dict(poolings))
    network.eval()
    inputs, lengths = sequences(channels)
    logits = answer(lambda: network(inputs, lengths), "three sequences")
    if not isinstance(logits, torch.Tensor) or logits.ndim != 2 or logits.shape != (3, outputs or logits.shape[-1]):
        found = f"shape {tuple(logits.shape)}" if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise InputError(f"config: model.network must answer (batch, {outputs or 'outputs'}) logits, not {found}")
    if prefix.defined_on_empty(network):
        check_empty(network, inputs)
    try:
        prefix.check_independent(network, inputs, lengths)
        if hasattr(network, "prefix_logits"):
            answer(lambda: prefix.check_prefixes(network, inputs, lengths), "its prefix_logits")
    except (prefix.FalsePrefixesError, prefix.DependentError) as false_claim:
        raise InputError(f"config: model.network: {false_claim}") from None
    try:
        layers.vectors(network, poolings, inputs, lengths)
    except ValueError as error:
        raise InputError(f"config: maps.layers.{error}") from None


def check_empty(network: nn.Module, inputs: torch.Tensor) -> None:
    advice = "if it has no answer to an empty sequence, say `defined_on_empty = False` in its class"
    try:
        logits = network(torch.zeros_like(inputs[:1, :1]), torch.tensor([0]))
    except Exception as error:
        raise InputError(f"config: model.network fails on an empty sequence ({told(error)}); {advice}") from None
    if not logits.isfinite().all():
        raise InputError(f"config: model.network answers an empty sequence with no finite number; {advice}")


def answer(ask: Callable[[], object], what: str) -> object:
    """What a person's own code answers; InputError naming its line where it fails."""
    try:
        return ask()
    except (prefix.FalsePrefixesError, prefix.DependentError):
        raise
    except Exception as error:
        raise InputError(f"config: model.network fails on {what}: {told(error)}") from None


def told(error: Exception) -> str:
    """An error on one line, with the place in the code where it arose."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {' '.join(str(error).split())} ({place.filename}, line {place.lineno})"
