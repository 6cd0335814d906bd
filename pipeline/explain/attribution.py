"""How much each element of a sequence speaks for a class, by five methods: one number an element.

- prefix impact: the probability of the class after the element minus before it, as the sequence is read;
- leave-one-out: the probability for the whole sequence minus that for the sequence without the element, which is then
  one element shorter;
- gradient times input (Denil et al. 2014) and integrated gradients (Sundararajan et al. 2017, by Captum), both of the
  log-odds of the class and on the vectors of the elements: an id's embedding, or the numbers themselves. The integral
  runs from zeros: no word, or a step whose numbers are all zero, which scaled numbers are on average;
- random: no method at all, what the others are held against.

All take padded inputs (batch, T) or (batch, T, channels), lengths (batch,), and classes: (batch,) numbers of the
class in question for each sequence; all answer (batch, T) float64, zeros beyond a length. A network with one output
says the log-odds of class 1; those of class 0 are their negative. Where a network has no answer to the empty sequence,
every class is taken to be as likely as the others there.

A network may say, by an attribute of its class, `leave_one_out_logits(inputs, lengths)`: (batch, T, outputs) logits of
the sequences without each of their elements, found in some cheaper way than one by one; checked like its prefixes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from pipeline.explain.prefix import (
    TOLERANCE,
    FalsePrefixesError,
    Forward,
    cut,
    defined_on_empty,
    log_odds,
    prefix_logits,
)

METHODS = ("gradient_input", "integrated_gradients", "leave_one_out", "prefix_impact", "random")
GRADIENTS = ("gradient_input", "integrated_gradients")
BATCH = 64  # sequences without an element, evaluated at a time
PASSES = 256  # sequences that integrated gradients evaluates at a time


class NoVectorsError(ValueError):
    """A network does not turn ids into vectors in one embedding, so there is nothing to take a gradient by."""


def class_odds(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Log-odds of one class a sequence: (batch, ..., outputs) logits, (batch,) numbers of classes -> (batch, ...)."""
    odds = log_odds(logits)
    shape = (-1,) + (1,) * (odds.ndim - 2)
    if odds.shape[-1] == 1:
        return odds[..., 0] * (2 * classes - 1).reshape(shape).to(odds.dtype)
    return odds.gather(-1, classes.reshape(*shape, 1).expand(*odds.shape[:-1], 1))[..., 0]


def class_probabilities(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """The same as probabilities in float64; where logits are NaN, for want of an element, all classes are alike."""
    p = torch.sigmoid(class_odds(logits, classes).double())
    return p.masked_fill(p.isnan(), 1 / max(2, logits.shape[-1]))


def answers(network: Forward, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, outputs) logits; NaN for an empty sequence of a network not defined on it, which is not asked."""
    if defined_on_empty(network) or bool((lengths > 0).all()):
        return network(inputs, lengths)
    asked = network(inputs, lengths.clamp(min=1))
    return asked.masked_fill((lengths == 0)[:, None], torch.nan)


def within(values: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, T) values as float64, with zeros beyond each length."""
    return values.double().masked_fill(torch.arange(values.shape[1])[None] >= lengths[:, None], 0)


@torch.no_grad()
def prefix_impact(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, classes: torch.Tensor
) -> torch.Tensor:
    p = class_probabilities(prefix_logits(network, inputs, lengths), classes)
    return within(p[:, 1:] - p[:, :-1], lengths)


@torch.no_grad()
def leave_one_out(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, classes: torch.Tensor
) -> torch.Tensor:
    whole = class_probabilities(answers(network, inputs, lengths), classes)
    p = class_probabilities(leave_one_out_logits(network, inputs, lengths), classes)
    return within(whole[:, None] - p, lengths)


def leave_one_out_logits(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, T, outputs) logits without each element, the cheapest way that the network offers; see the explicit."""
    own: Forward | None = getattr(network, "leave_one_out_logits", None)
    return explicit_leave_one_out_logits(network, inputs, lengths) if own is None else own(inputs, lengths)


def explicit_leave_one_out_logits(
    forward: Forward, inputs: torch.Tensor, lengths: torch.Tensor, batch_size: int = BATCH
) -> torch.Tensor:
    """Logits of every sequence without its first, ..., its last element, each evaluated for itself: the definition.

    Returns (batch, T, outputs); meaningless beyond a length, and NaN without the only element of a sequence if the
    network is not defined on nothing.
    """
    rows, left_out = torch.nonzero(torch.arange(inputs.shape[1])[None] < lengths[:, None], as_tuple=True)
    if not len(rows):  # empty sequences alone
        return answers(forward, inputs, lengths)[:, None].expand(-1, inputs.shape[1], -1)
    result: torch.Tensor | None = None
    for start in range(0, len(rows), batch_size):
        row, place = rows[start : start + batch_size], left_out[start : start + batch_size]
        shorter = lengths[row] - 1
        kept = torch.arange(max(1, int(shorter.max())))[None].expand(len(row), -1)
        kept = (kept + (kept >= place[:, None])).clamp(max=inputs.shape[1] - 1)
        logits = answers(forward, cut(inputs[row[:, None], kept], shorter), shorter)
        if result is None:
            result = logits.new_zeros(*inputs.shape[:2], logits.shape[1])
        result[row, place] = logits
    assert result is not None
    return result


def check_leave_one_out(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, tolerance: float = TOLERANCE
) -> float:
    """The largest difference of a probability between a network's own `leave_one_out_logits` and the explicit ones.

    Raises FalsePrefixesError where it is larger than `tolerance`.
    """
    own, explicit = (
        torch.sigmoid(log_odds(logits(network, inputs, lengths)).double())
        for logits in (leave_one_out_logits, explicit_leave_one_out_logits)
    )
    compared = (torch.arange(inputs.shape[1])[None] < lengths[:, None]) & ((lengths > 1) | defined_on_empty(network))[
        :, None
    ]
    differences = (own - explicit).detach().abs().amax(dim=2).masked_fill(~compared, 0)
    worst = float(differences.max())
    if not worst <= tolerance:  # NaN too
        row, position = divmod(int(differences.argmax()), differences.shape[1])
        claim = f"the network has leave_one_out_logits of its own (left out: element {position + 1})"
        raise FalsePrefixesError(claim, worst, tolerance, row, int(lengths[row]) - 1)
    return worst


def gradient_input(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, classes: torch.Tensor
) -> torch.Tensor:
    vectors, forward = on_vectors(network, inputs, lengths)
    vectors.requires_grad_()
    odds = class_odds(forward(vectors, inputs, lengths), classes)
    (gradient,) = torch.autograd.grad(odds.sum(), vectors)
    return within((gradient * vectors.detach()).sum(dim=2), lengths)


def integrated_gradients(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, classes: torch.Tensor, steps: int = 50
) -> torch.Tensor:
    """They add up to the log-odds for the sequence minus those for zeros in its place, but for the rule's error.

    steps: of Captum's Gauss-Legendre quadrature.
    """
    from captum.attr import IntegratedGradients  # only who asks loads it: a second more than torch alone

    vectors, forward = on_vectors(network, inputs, lengths)

    def odds(vectors: torch.Tensor, inputs: torch.Tensor, lengths: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        return class_odds(forward(vectors, inputs, lengths), classes)

    integral = IntegratedGradients(odds)
    size = max(1, PASSES // steps)
    found = []
    for start in range(0, len(inputs), size):
        part = slice(start, start + size)
        more = (inputs[part], lengths[part], classes[part])
        found.append(integral.attribute(vectors[part], additional_forward_args=more, n_steps=steps))
    return within(torch.cat(found).detach().sum(dim=2), lengths)


def random_scores(lengths: torch.Tensor, classes: torch.Tensor, names: Sequence[int], seed: int) -> torch.Tensor:
    """Numbers from 0 to 1 that depend on the class, the name of each sequence and the seed alone: (batch, T)."""
    scores = torch.zeros(len(lengths), max(1, int(lengths.max())), dtype=torch.float64)
    for row, name, number, length in zip(scores, names, classes.tolist(), lengths.tolist(), strict=True):
        row[:length] = torch.from_numpy(np.random.default_rng([seed, name, number]).random(length))
    return scores


VectorForward = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def on_vectors(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, VectorForward]:
    """The (batch, T, width) vectors of elements, and the network as a function of (vectors, inputs, lengths).

    Numbers are vectors themselves. Ids pass through the network's embedding, whose answer is replaced; the ids are
    still read, in case the network asks them for more. Raises NoVectorsError where not exactly one embedding does.
    """
    if inputs.is_floating_point():
        return inputs.clone(), lambda vectors, _, lengths: network(vectors, lengths)
    embedding = embedding_of(network, inputs, lengths)

    def forward(vectors: torch.Tensor, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        handle = embedding.register_forward_hook(lambda *_: vectors)
        try:
            logits: torch.Tensor = network(ids, lengths)
        finally:
            handle.remove()
        return logits

    return embedding(inputs).detach(), forward


@torch.no_grad()
def embedding_of(network: nn.Module, ids: torch.Tensor, lengths: torch.Tensor) -> nn.Embedding:
    """The one embedding of a network that reads its ids."""
    read: list[nn.Embedding] = []

    def keep(module: nn.Module, given: tuple[object, ...]) -> None:
        if isinstance(module, nn.Embedding) and isinstance(given[0], torch.Tensor) and torch.equal(given[0], ids):
            read.append(module)

    handles = [part.register_forward_pre_hook(keep) for part in network.modules() if isinstance(part, nn.Embedding)]
    try:
        network(ids, lengths)
    finally:
        for handle in handles:
            handle.remove()
    if len(read) != 1:
        raise NoVectorsError(f"{len(read) or 'no'} torch.nn.Embedding reads the ids; gradients need exactly one")
    return read[0]


@contextmanager
def without_denormals() -> Iterator[None]:
    """Numbers below 1e-38 are zero in this block: gradients that vanish over a long text come eight times faster."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
