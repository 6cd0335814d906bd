"""Prefix impact: how a prediction changes as its sequence is read one element at a time.

impact[t] = p(x[1..t]) - p(x[1..t-1]), Markevych & Yoo, "Explaining Recurrent Neural Networks by Leveraging
Interactive Visualizations". They evaluate the network once per prefix; a causal network has all prefixes in one pass.
"""

from collections.abc import Callable

import torch
from torch import nn

Forward = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
GRID = 2**24  # steps of a probability from 0 to 1
TOLERANCE = 1e-5  # of a probability; float32 passes over the same prefix agree to about 1e-7


class NotCausalError(ValueError):
    """A network's logits after every step are not those of its explicit prefixes."""

    def __init__(self, difference: float, tolerance: float, row: int, position: int) -> None:
        super().__init__(
            f"the network claims to be causal but its probability after {position} elements of sequence {row} "
            f"differs by {difference:.3g} from that of the explicit prefix (allowed: {tolerance:.0e})"
        )
        self.difference = difference


def explicit_prefix_logits(
    forward: Forward, inputs: torch.Tensor, lengths: torch.Tensor, batch_size: int = 64
) -> torch.Tensor:
    """Logits of every prefix, each evaluated for itself: the definition, for any network.

    inputs: (batch, T, ...) padded sequences; lengths: (batch,).
    Returns (batch, T + 1, outputs), the empty prefix first; NaN beyond a sequence's length.
    Prefixes are evaluated shortest first, `batch_size` at a time.
    """
    pairs = [(length, row) for row, last in enumerate(lengths.tolist()) for length in range(last + 1)]
    pairs.sort()
    result: torch.Tensor | None = None
    for start in range(0, len(pairs), batch_size):
        part = pairs[start : start + batch_size]
        short = torch.tensor([length for length, _ in part])
        rows = torch.tensor([row for _, row in part])
        logits = forward(cut(inputs[rows, : max(1, part[-1][0])], short), short)
        if result is None:
            result = logits.new_full((len(inputs), inputs.shape[1] + 1, logits.shape[1]), torch.nan)
        result[rows, short] = logits
    assert result is not None, "a batch holds at least one sequence, hence one prefix"
    return result


def cut(inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The inputs with zeros beyond each length: a prefix must not hold what comes after it."""
    beyond = torch.arange(inputs.shape[1])[None] >= lengths[:, None]
    return inputs.masked_fill(beyond.reshape(beyond.shape + (1,) * (inputs.ndim - 2)), 0)


def prefix_logits(network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Logits after every prefix, (batch, T + 1, outputs): in one pass where the network offers it."""
    one_pass: Forward | None = getattr(network, "prefix_logits", None)
    if one_pass is None:
        return explicit_prefix_logits(network, inputs, lengths)
    return one_pass(inputs, lengths)


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
    Position 0, the empty prefix, has no predecessor: its impact is NaN.
    """
    p = (probabilities(odds) * GRID).round() / GRID
    return torch.cat([torch.full_like(p[:, :1], torch.nan), p[:, 1:] - p[:, :-1]], dim=1)


def check_causal(
    network: nn.Module, inputs: torch.Tensor, lengths: torch.Tensor, tolerance: float = TOLERANCE
) -> float:
    """The largest difference of a probability between the single pass and explicit prefixes.

    Raises NotCausalError where it is larger than `tolerance`: the claim is false and its impacts would be wrong.
    """
    single = probabilities(log_odds(prefix_logits(network, inputs, lengths)))
    explicit = probabilities(log_odds(explicit_prefix_logits(network, inputs, lengths)))
    read = torch.arange(single.shape[1])[None] <= lengths[:, None]
    differences = (single - explicit).detach().abs().amax(dim=2).masked_fill(~read, 0)
    worst = float(differences.max())
    if not worst <= tolerance:  # NaN too
        row, position = divmod(int(differences.argmax()), differences.shape[1])
        raise NotCausalError(worst, tolerance, row, position)
    return worst
