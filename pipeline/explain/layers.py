"""What a layer answers to each sequence, as one vector: forward hooks and pooling."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence


@contextmanager
def listening(network: nn.Module, layers: Mapping[str, str]) -> Iterator[dict[str, torch.Tensor]]:
    """Within this context, a forward pass leaves the output of each named layer in the dictionary.

    A layer that returns a tuple (an LSTM: outputs and state) is represented by its first tensor; a packed sequence is
    padded again. What is no tensor is not kept.
    """
    heard: dict[str, torch.Tensor] = {}

    def keep(name: str):  # type: ignore[no-untyped-def]  # torch's hook types say no more than Any
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            first = output[0] if isinstance(output, tuple) and not isinstance(output, PackedSequence) else output
            if isinstance(first, PackedSequence):
                first = pad_packed_sequence(first, batch_first=True)[0]
            if isinstance(first, torch.Tensor):
                heard[name] = first.detach().clone()  # a layer that follows may work in place

        return hook

    handles = []
    try:
        for name in layers:
            handles.append(network.get_submodule(name).register_forward_hook(keep(name)))
        yield heard
    finally:
        for handle in handles:
            handle.remove()


def pooled(
    output: torch.Tensor, lengths: torch.Tensor, pooling: str, sizes: Collection[int] | None = None
) -> torch.Tensor:
    """One vector a sequence.

    output: (batch, T, width), or (batch, width) with pooling "none"; lengths: (batch,); sizes: what T may be.
    "mean" averages over the elements of a sequence, "last" takes the output after its last element;
    both give zeros for an empty sequence. Returns (batch, width). Raises ValueError for an output of another shape.
    """
    check_shape(output, len(lengths), pooling, sizes)
    if pooling == "none":
        return output
    if pooling == "last":
        last = output[torch.arange(len(output)), (lengths - 1).clamp(min=0)]
        return last * (lengths > 0)[:, None]
    read = torch.arange(output.shape[1])[None] < lengths[:, None]
    return (output * read[..., None]).sum(dim=1) / lengths.clamp(min=1)[:, None]


def check_shape(output: torch.Tensor, batch: int, pooling: str, sizes: Collection[int] | None) -> None:
    """Refuse what cannot be pooled: see `pooled`."""
    shape = tuple(output.shape)
    if shape[:1] != (batch,):
        raise ValueError(f"a layer that answers {batch} sequences in shape {shape} does not have them first")
    if pooling == "none":
        if len(shape) != 2:
            raise ValueError(f"a layer that answers in shape {shape} needs the pooling mean or last")
        return
    if len(shape) != 3:
        raise ValueError(f"a layer that answers in shape {shape} needs the pooling none")
    if sizes is not None and shape[1] not in sizes:
        raise ValueError(
            f"a layer that answers sequences of {max(sizes)} elements in shape {shape} does not have one vector for "
            f"each element, as the pooling {pooling} needs; it must answer (batch, T, width), here T = {max(sizes)}"
        )


def vectors(
    network: nn.Module, layers: Mapping[str, str], inputs: torch.Tensor, lengths: torch.Tensor
) -> dict[str, torch.Tensor]:
    """{layer: (batch, width)} for `layers` = {module path: pooling}, from one forward pass.

    Raises ValueError naming a layer that has no tensor for an answer, or one of a shape that its pooling does not take.
    """
    sizes = {inputs.shape[1], int(lengths.max())}  # the latter is what is left of packed sequences
    with listening(network, layers) as heard, torch.no_grad():
        network(inputs, lengths)
    found = {}
    for name, pooling in layers.items():
        if name not in heard:
            raise ValueError(f"{name}: this layer has no tensor for an answer, or takes no part")
        try:
            found[name] = pooled(heard[name], lengths, pooling, sizes)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return found
