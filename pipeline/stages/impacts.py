"""Stage 4: prefix impacts of every element of the chosen test examples, and attention weights, at the chosen epochs.

Reads checkpoints, examples, elements, mapped and classes; writes impacts and attention (without a row where the
network has no attention). What the network claims of its prefixes is checked at every epoch on real examples.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from tqdm import tqdm

from pipeline.config import Config
from pipeline.data import stored
from pipeline.data.batches import by_length
from pipeline.data.sequences import Sequences
from pipeline.data.splits import shuffled
from pipeline.errors import InputError
from pipeline.explain import prefix
from pipeline.models import checkpoints
from pipeline.models.answers import ATTENTION_TOLERANCE
from pipeline.stages import command
from pipeline.store import Run

Reals = npt.NDArray[np.float32]


def write(run: Run, config: Config) -> None:
    expected = checkpoints.describe(config, run)
    epochs = sorted(set(config.impacts.epochs))
    causal = prefix.is_causal(checkpoints.load(run.checkpoint(epochs[0]), expected))
    sequences = chosen(run, config, causal)
    fixed = rows(sequences, stored.classes(run)[-expected.outputs :])
    with run.writer("impacts") as write, run.writer("attention") as write_attention:
        for epoch in epochs:
            path = run.checkpoint(epoch)
            network = checkpoints.load(path, expected)
            check(network, sequences, config.impacts.checked, str(path))
            progress = f"impacts, epoch {epoch}"
            odds, impacts = explain(network, sequences, config.impacts.batch_size, progress)
            write({**fixed, "epoch": np.full(odds.size, epoch), "logit": odds.ravel(), "impact": impacts.ravel()})
            if hasattr(network, "attention_weights"):
                write_attention(attention(network, sequences, config.impacts.batch_size, epoch, str(path)))


def chosen(run: Run, config: Config, causal: bool) -> Sequences:
    """The test examples to explain: all, the mapped ones, or so many, the mapped ones first."""
    everything, wanted = stored.test(run), config.impacts.examples
    if wanted == "auto":
        # One pass explains a causal network's example; the prefixes of others cost a hundred times that.
        wanted = "all" if causal and len(stored.classes(run)) <= 2 else "mapped"
    if wanted == "all":
        return everything
    mapped = stored.mapped(run, everything)
    if wanted == "mapped":
        return everything.subset(np.flatnonzero(mapped))
    if wanted > len(everything):
        raise InputError(f"config: impacts.examples={wanted} is more than the {len(everything)} test examples")
    order = shuffled(run.read("examples", ["id"])["id"].to_pylist(), config.corpus.seed)
    mapped_first = np.concatenate([order[mapped[order]], order[~mapped[order]]])
    return everything.subset(np.sort(mapped_first[:wanted]))


def rows(sequences: Sequences, classes: list[str]) -> dict[str, object]:
    """The columns that are the same at every epoch: example, position and class of every row."""
    counts = sequences.lengths + 1
    positions = np.arange(counts.sum()) - np.repeat(starts(sequences), counts)
    return {
        "example": np.repeat(sequences.examples.astype(np.int32), counts * len(classes)),
        "position": np.repeat(positions.astype(np.int32), len(classes)),
        "class": stored.strings(classes, np.tile(np.arange(len(classes)), counts.sum())),
    }


def starts(sequences: Sequences) -> npt.NDArray[np.int64]:
    """The first row of every sequence; one has a row for each of its elements and one for the empty prefix."""
    return sequences.offsets[:-1] + np.arange(len(sequences))


def check(network: nn.Module, sequences: Sequences, count: int, path: str) -> None:
    """Refuse a network whose prefixes, as they are computed here, are not what each prefix is for itself.

    Compared on `count` examples of all lengths: the network's own `prefix_logits`, if it has some, with explicit
    prefixes; and the examples in one padded batch with each alone.
    """
    spread = np.linspace(0, len(sequences) - 1, min(count, len(sequences))).round().astype(np.int64)
    sample = sequences.padded(np.argsort(sequences.lengths, kind="stable")[spread])
    with torch.inference_mode():
        try:
            prefix.check_independent(network, *sample)
        except prefix.DependentError as dependence:
            raise InputError(f"{path}: {dependence}") from None
        if not hasattr(network, "prefix_logits"):
            return
        try:
            prefix.check_prefixes(network, *sample)
        except prefix.FalsePrefixesError as false_claim:
            raise InputError(f"{path}: {false_claim}; remove prefix_logits from the network or mend it") from None


def explain(
    network: nn.Module, sequences: Sequences, batch_size: int, progress: str | None = None
) -> tuple[Reals, Reals]:
    """Log-odds and impacts after every prefix of every sequence.

    Returns two (rows, outputs) float32 arrays; the rows are the prefixes of the first sequence, the empty one first,
    then those of the second, and so on. The impact of an empty prefix is NaN.
    """
    first = starts(sequences)
    total = int(sequences.lengths.sum() + len(sequences))
    odds: Reals | None = None
    for batch in tqdm(
        by_length(sequences.lengths, batch_size), desc=progress, disable=None if progress else True, unit="batch"
    ):
        inputs, lengths = sequences.padded(batch)
        with torch.inference_mode():
            after = prefix.log_odds(prefix.prefix_logits(network, inputs, lengths))
            both = torch.stack([after, prefix.impacts(after).float()], dim=2).numpy()
        if odds is None:
            odds, impacts = (np.empty((total, after.shape[2]), np.float32) for _ in range(2))
        for row, start, stop in zip(both, first[batch], first[batch] + sequences.lengths[batch] + 1, strict=True):
            odds[start:stop], impacts[start:stop] = row[: stop - start, 0], row[: stop - start, 1]
    assert odds is not None, "the examples stage never writes an empty test split"
    return odds, impacts


def attention(
    network: nn.Module, sequences: Sequences, batch_size: int, epoch: int, path: str
) -> dict[str, npt.NDArray[np.generic]]:
    """The rows of the table `attention`: the weight of every element of every sequence.

    Raises InputError where the weights of a sequence do not add up to 1.
    """
    weights = np.empty(int(sequences.lengths.sum()), np.float32)
    for batch in by_length(sequences.lengths, batch_size):
        inputs, lengths = sequences.padded(batch)
        with torch.inference_mode():
            found = network.attention_weights(inputs, lengths).numpy()  # type: ignore[operator]
        for row, number in zip(found, batch, strict=True):
            start, stop = sequences.offsets[number : number + 2]
            weights[start:stop] = row[: stop - start]
    totals = np.add.reduceat(weights.astype(np.float64), sequences.offsets[:-1])
    if not (weights >= 0).all() or not np.allclose(totals, 1, rtol=0, atol=ATTENTION_TOLERANCE):
        raise InputError(f"{path}: attention_weights of a sequence must be at least 0 and add up to 1")
    return {
        "epoch": np.full(len(weights), epoch),
        "example": np.repeat(sequences.examples, sequences.lengths),
        "position": np.concatenate([np.arange(1, length + 1) for length in sequences.lengths]),
        "weight": weights,
    }


if __name__ == "__main__":
    command.main(write, __doc__)
