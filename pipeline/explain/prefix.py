"""Prefix impact: how a prediction changes as its sequence is read one element at a time.

impact[t] = p(x[1..t]) - p(x[1..t-1]), Markevych & Yoo, "Explaining Recurrent Neural Networks by Leveraging
Interactive Visualizations". They evaluate the network once per prefix; a causal network has all prefixes in one pass.

A network may say, by attributes of its class:
- `prefix_logits(inputs, lengths)`: (batch, T + 1, outputs) logits of all prefixes, the empty one first, found in
  some cheaper way than one by one; checked against explicit prefixes;
- `causal = False`: that way takes more than one pass;
- `defined_on_empty = False`: there is no answer to the empty sequence, and it is never asked for one.
"""

from collections.abc import Callable

import torch
from torch import nn

Forward = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
GRID = 2**24  # steps of a probability from 0 to 1
TOLERANCE = 1e-5  # of a probability; float32 passes over the same prefix agree to about 1e-7


class FalsePrefixesError(ValueError):
    """A network's own `prefix_logits` are not the logits of its explicit prefixes."""

    def __init__(self, claim: str, difference: float, tolerance: float, row: int, position: int) -> None:
        super().__init__(
            f"{claim} but its probability after {position} elements of sequence {row} "
            f"differs by {difference:.3g} from that of the explicit prefix (allowed: {tolerance:.0e})"
        )
        self.difference = difference


class DependentError(ValueError):
    """A network's answer to a sequence depends on what stands beside it in a batch."""

    def __init__(self, difference: float, tolerance: float, row: int) -> None:
        super().__init__(
            f"the probability of sequence {row} differs by {difference:.3g} when it is evaluated alone "
            f"(allowed: {tolerance:.0e}): the network reads beyond the lengths, or other sequences of the batch"
        )
        self.difference = difference


def defined_on_empty(network: object) -> bool:
    """Whether a network has an answer to the empty sequence; one that has none says `defined_on_empty = False`."""
    return bool(getattr(network, "defined_on_empty", True))


def is_causal(network: object) -> bool:
    """Whether one pass holds all prefixes: a network claims it by `prefix_logits`, unless it says `causal = False`."""
    return hasattr(network, "prefix_logits") and bool(getattr(network, "causal", True))


def explicit_prefix_logits(
    forward: Forward, inputs: torch.Tensor, lengths: torch.Tensor, batch_size: int = 64
) -> torch.Tensor:
    """Logits of every prefix, each evaluated for itself: the definition, for any network.

    inputs: (batch, T, ...) padded sequences; lengths: (batch,).
    Returns (batch, T + 1, outputs), the empty prefix first; NaN beyond a sequence's length, and for the empty prefix
    of a network that is not defined on it. Prefixes are evaluated shortest first, `batch_size` at a time.
    """
    shortest = 0 if defined_on_empty(forward) else 1
    pairs = [(length, row) for row, last in enumerate(lengths.tolist()) for length in range(shortest, last + 1)]
    pairs.sort()
    result: torch.Tensor | None = None
    for start in range(0, len(pairs), batch_size):
        part = pairs[start : start + batch_size]
        short = torch.tensor([length for length, _ in part])
        rows = torch.tensor([row for _, row in part])
        logits = forward(cut(inputs[rows, : max(1, part[-1][0])], short), short)
        if result is None:
            result = nowhere(logits, inputs)
        result[rows, short] = logits
    if result is None:  # empty sequences alone, and a network not defined on them: one element tells the outputs
        result = nowhere(forward(inputs[:1, :1], torch.ones_like(lengths[:1])), inputs)
    return result


def nowhere(logits: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """NaN for every prefix of `inputs`, (batch, T + 1, outputs), with the outputs of (any, outputs) `logits`."""
    return logits.new_full((len(inputs), inputs.shape[1] + 1, logits.shape[1]), torch.nan)


def cut(inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The inputs with zeros beyond each length: a prefix must not hold what comes after it."""
    beyond = torch.arange(inputs.shape[1])[None] >= lengths[:, None]
    return inputs.masked_fill(beyond.reshape(beyond.shape + (1,) * (inputs.ndim - 2)), 0)


def prefix_logits(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Logits after every prefix, (batch, T + 1, outputs), the cheapest way that the network offers.

    NaN for the empty prefix where the network is not defined on it; meaningless beyond a length.
    """
    own: Forward | None = getattr(network, "prefix_logits", None)
    if own is None:
        return explicit_prefix_logits(network, inputs, lengths)
    logits = own(inputs, lengths)
    if defined_on_empty(network):
        return logits
    return torch.cat([torch.full_like(logits[:, :1], torch.nan), logits[:, 1:]], dim=1)


def log_odds(logits: torch.Tensor) -> torch.Tensor:
    """log(p / (1 - p)) of every class a network has an output for, in the shape of `logits`.

    For one sigmoid output that is the logit itself; for a softmax, z_k - log sum over the others of exp(z).
    """
    if logits.shape[-1] == 1:
        return logits
    others = [torch.cat([logits[..., :k], logits[..., k + 1 :]], dim=-1) for k in range(logits.shape[-1])]
    return logits - torch.stack([other.logsumexp(dim=-1) for other in others], dim=-1)


def probabilities(odds: torch.Tensor) -> torch.Tensor:
    """Probabilities of log-odds, in float64: differences of them are then good to float32 rounding."""
    return torch.sigmoid(odds.double())


def impacts(odds: torch.Tensor) -> torch.Tensor:
    """(batch, T + 1, classes) log-odds after every prefix to impacts of the same shape, float64.

    Probabilities are first rounded to the grid of 2^-24, float32's own step below 1: every impact is then a float32
    number, the impacts of a sequence add up without any rounding, and their files are a quarter smaller.
    Position 0, the empty prefix, has no predecessor: its impact is NaN. So is the next one where position 0 is NaN.
    """
    p = (probabilities(odds) * GRID).round() / GRID
    return torch.cat([torch.full_like(p[:, :1], torch.nan), p[:, 1:] - p[:, :-1]], dim=1)


def check_prefixes(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, tolerance: float = TOLERANCE
) -> float:
    """The largest difference of a probability between the network's own `prefix_logits` and explicit prefixes.

    Raises FalsePrefixesError where it is larger than `tolerance`: the impacts would be wrong.
    """
    own = probabilities(log_odds(prefix_logits(network, inputs, lengths)))
    explicit = probabilities(log_odds(explicit_prefix_logits(network, inputs, lengths)))
    place = torch.arange(own.shape[1])[None]
    compared = (place <= lengths[:, None]) & ((place > 0) | defined_on_empty(network))
    differences = (own - explicit).detach().abs().amax(dim=2).masked_fill(~compared, 0)
    worst = float(differences.max())
    if not worst <= tolerance:  # NaN too
        row, position = divmod(int(differences.argmax()), differences.shape[1])
        claim = "the network claims to be causal" if is_causal(network) else "the network has prefix_logits of its own"
        raise FalsePrefixesError(claim, worst, tolerance, row, position)
    return worst


def check_independent(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, tolerance: float = TOLERANCE
) -> float:
    """The largest difference of a probability between a sequence in its padded batch and the same alone, unpadded.

    Every sequence must hold an element. Raises DependentError where it is larger than `tolerance`: batches of
    prefixes would not be what each prefix is for itself.
    """
    together = network(inputs, lengths)
    alone = torch.cat(
        [network(inputs[row : row + 1, : lengths[row]], lengths[row : row + 1]) for row in range(len(inputs))]
    )
    differences = (probabilities(log_odds(together)) - probabilities(log_odds(alone))).detach().abs().amax(dim=1)
    worst = float(differences.max())
    if not worst <= tolerance:  # NaN too
        raise DependentError(worst, tolerance, int(differences.argmax()))
    return worst
