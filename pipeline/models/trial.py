"""A network tried on a few made-up sequences, before anything is read or trained: what it claims, and its layers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from pipeline.errors import InputError
from pipeline.explain import attribution, layers, prefix
from pipeline.models import answers
from pipeline.models.networks import check_layers

LENGTHS = torch.tensor([6, 1, 4])
TOKENS = 20  # ids of the words of the trial, padding and unknown included, where no corpus says how many there are
CHANNELS = 3  # numbers a step of the trial
Check = Callable[[nn.Module, torch.Tensor, torch.Tensor], float]


@dataclass(frozen=True)
class Sample:
    """Made-up sequences. inputs: (batch, T) ids or (batch, T, channels) numbers, padded; lengths: (batch,)."""

    name: str
    inputs: torch.Tensor
    lengths: torch.Tensor


def samples(channels: int | None = None, tokens: int = TOKENS) -> list[Sample]:
    """Three sequences in one padded batch, then each for itself without padding; the same every time."""
    random = torch.Generator().manual_seed(0)
    shape = (len(LENGTHS), int(LENGTHS.max()))
    if channels:
        inputs = torch.randn(*shape, channels, generator=random)
    else:
        inputs = torch.randint(1, tokens, shape, generator=random)
    together = Sample("three sequences", prefix.cut(inputs, LENGTHS), LENGTHS)
    return [together, *(alone(together, row) for row in range(len(LENGTHS)))]


def alone(sample: Sample, row: int) -> Sample:
    length = int(sample.lengths[row])
    name = f"one sequence of {length} element{'s' * (length > 1)}"
    return Sample(name, sample.inputs[row : row + 1, :length], sample.lengths[row : row + 1])


@torch.no_grad()
def check(
    network: nn.Module,
    poolings: Mapping[str, str],
    outputs: int | None,
    channels: int | None = None,
    tokens: int | None = None,
) -> None:
    """Refuse, in one line, a network that does not do what is asked of it here, or has not the named layers.

    poolings: {module path: pooling}; outputs: how many logits are wanted, None if not known yet; channels: numbers a
    step, None for ids; tokens: number of ids, None if not known yet.
    """
    check_layers(network, dict(poolings))
    network.eval()
    made = samples(channels, tokens or TOKENS)
    outputs = answered(network, made[0], outputs).shape[1]
    for sample in made[1:]:
        answered(network, sample, outputs)
    if prefix.defined_on_empty(network):
        check_empty(network, made[0].inputs, outputs)
    for sample in made:
        check_claims(network, sample, outputs)
    check_vectors(network, poolings, made)


def answered(network: nn.Module, sample: Sample, outputs: int | None) -> torch.Tensor:
    return answers.logits(network, sample.inputs, sample.lengths, outputs, sample.name)


def check_empty(network: nn.Module, inputs: torch.Tensor, outputs: int) -> None:
    try:
        answered(network, Sample("an empty sequence", torch.zeros_like(inputs[:1, :1]), torch.tensor([0])), outputs)
    except InputError as refusal:
        advice = "if it has no answer to an empty sequence, say `defined_on_empty = False` in its class"
        raise InputError(f"{refusal}; {advice}") from None


def check_claims(network: nn.Module, sample: Sample, outputs: int) -> None:
    """Refuse a network that does not answer each sequence for itself, or whose other methods answer what is false."""
    batch, size = sample.inputs.shape[:2]
    check_claim(network, prefix.check_independent, sample, f"{sample.name}, each alone")
    if hasattr(network, "prefix_logits"):
        axes = "(batch, T + 1, outputs), the empty prefix first"
        shaped(network, "prefix_logits", sample, axes, (batch, size + 1, outputs))
        check_claim(network, prefix.check_prefixes, sample, f"prefixes of {sample.name}")
    if hasattr(network, "leave_one_out_logits"):
        shaped(network, "leave_one_out_logits", sample, "(batch, T, outputs)", (batch, size, outputs))
        check_claim(network, attribution.check_leave_one_out, sample, f"{sample.name} without an element")
    if hasattr(network, "attention_weights"):
        check_attention(network, sample)


def check_claim(network: nn.Module, check: Check, sample: Sample, what: str) -> None:
    def checked() -> None:
        try:
            check(network, sample.inputs, sample.lengths)
        except (prefix.FalsePrefixesError, prefix.DependentError) as false_claim:
            raise InputError(f"config: model.network: {false_claim}") from None

    answers.asked(network, checked, what)


def shaped(network: nn.Module, name: str, sample: Sample, axes: str, wanted: tuple[int, ...]) -> torch.Tensor:
    """What the network's method of that name answers; InputError unless it has the shape that is wanted."""
    method = getattr(network, name)
    found = answers.asked(network, lambda: method(sample.inputs, sample.lengths), f"its {name} of {sample.name}")
    if not isinstance(found, torch.Tensor) or found.shape != wanted:
        shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
        raise InputError(f"config: model.network: {name} must answer {axes}: for {sample.name} {wanted}, not {shape}")
    return found


def check_attention(network: nn.Module, sample: Sample) -> None:
    inputs, lengths = sample.inputs, sample.lengths
    found = shaped(network, "attention_weights", sample, "(batch, T)", (len(inputs), inputs.shape[1]))
    read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
    weights = found.masked_fill(~read, 0).double()
    if not (weights >= 0).all() or not ((weights.sum(dim=1) - 1).abs() <= answers.ATTENTION_TOLERANCE).all():
        raise InputError("config: model.network: attention_weights of a sequence must be at least 0 and add up to 1")


def check_vectors(network: nn.Module, poolings: Mapping[str, str], made: Sequence[Sample]) -> None:
    """Refuse a layer that does not answer with one vector a sequence, as wide for every sequence."""
    widths: dict[str, int] = {}
    for sample in made:
        try:
            found = layers.vectors(network, poolings, sample.inputs, sample.lengths)
        except ValueError as error:
            raise InputError(f"config: maps.layers.{error}") from None
        for layer, vector in found.items():
            width = widths.setdefault(layer, vector.shape[1])
            if vector.shape[1] != width:
                raise InputError(
                    f"config: maps.layers.{layer}: its vectors are {width} wide for {made[0].name}, "
                    f"{vector.shape[1]} for {sample.name}; all must be alike"
                )
