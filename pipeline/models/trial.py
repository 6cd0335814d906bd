"""A network tried on a few made-up sequences, before anything is read or trained: what it claims, and its layers."""

from collections.abc import Mapping

import torch
from torch import nn

from pipeline.errors import InputError
from pipeline.explain import attribution, layers, prefix
from pipeline.models import answers
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
    logits = answers.logits(network, inputs, lengths, outputs, "three sequences")
    if prefix.defined_on_empty(network):
        check_empty(network, inputs)
    try:
        prefix.check_independent(network, inputs, lengths)
        if hasattr(network, "prefix_logits"):
            check_shape_of_prefixes(network, inputs, lengths, logits.shape[1])
            prefix.check_prefixes(network, inputs, lengths)
        if hasattr(network, "leave_one_out_logits"):
            check_shape_of_left_out(network, inputs, lengths, logits.shape[1])
            attribution.check_leave_one_out(network, inputs, lengths)
    except (prefix.FalsePrefixesError, prefix.DependentError) as false_claim:
        raise InputError(f"config: model.network: {false_claim}") from None
    if hasattr(network, "attention_weights"):
        check_attention(network, inputs, lengths)
    try:
        layers.vectors(network, poolings, inputs, lengths)
    except ValueError as error:
        raise InputError(f"config: maps.layers.{error}") from None


def check_empty(network: nn.Module, inputs: torch.Tensor) -> None:
    advice = "if it has no answer to an empty sequence, say `defined_on_empty = False` in its class"
    try:
        logits = network(torch.zeros_like(inputs[:1, :1]), torch.tensor([0]))
    except Exception as error:
        raise InputError(
            f"config: model.network fails on an empty sequence ({answers.told(error)}); {advice}"
        ) from None
    if not logits.isfinite().all():
        raise InputError(f"config: model.network answers an empty sequence with no finite number; {advice}")


def check_shape_of_prefixes(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, outputs: int) -> None:
    wanted = (len(inputs), inputs.shape[1] + 1, outputs)
    found = answers.asked(lambda: prefix.prefix_logits(network, inputs, lengths), "its prefix_logits")
    if tuple(found.shape) != wanted:
        raise InputError(
            f"config: model.network: prefix_logits must answer (batch, T + 1, outputs), the empty prefix first: "
            f"here {wanted}, not {tuple(found.shape)}"
        )


def check_shape_of_left_out(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, outputs: int) -> None:
    wanted = (len(inputs), inputs.shape[1], outputs)
    left_out = attribution.leave_one_out_logits
    found = answers.asked(lambda: left_out(network, inputs, lengths), "its leave_one_out_logits")
    if tuple(found.shape) != wanted:
        raise InputError(
            f"config: model.network: leave_one_out_logits must answer (batch, T, outputs): here {wanted}, "
            f"not {tuple(found.shape)}"
        )


def check_attention(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> None:
    weigh: prefix.Forward = network.attention_weights  # type: ignore[assignment]
    found = answers.asked(lambda: weigh(inputs, lengths), "its attention_weights")
    if tuple(found.shape) != (len(inputs), inputs.shape[1]):
        raise InputError(
            f"config: model.network: attention_weights must answer (batch, T): here {(len(inputs), inputs.shape[1])}, "
            f"not {tuple(found.shape)}"
        )
    read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
    weights = found.masked_fill(~read, 0).double()
    if not (weights >= 0).all() or not ((weights.sum(dim=1) - 1).abs() <= answers.ATTENTION_TOLERANCE).all():
        raise InputError("config: model.network: attention_weights of a sequence must be at least 0 and add up to 1")
