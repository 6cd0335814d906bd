"""Stage 4: prefix impacts of every word of the test examples at the chosen epochs.

Reads checkpoints, examples, elements and classes; writes impacts. That the network is causal is checked against
explicit prefixes of real examples at every epoch.
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
from pipeline.errors import InputError
from pipeline.explain import prefix
from pipeline.models import checkpoints
from pipeline.stages import command
from pipeline.store import Run

Reals = npt.NDArray[np.float32]


def write(run: Run, config: Config) -> None:
    sequences = stored.test(run)
    if config.impacts.examples == "mapped":
        sequences = sequences.subset(np.flatnonzero(stored.mapped(run, sequences)))
    expected = checkpoints.describe(config, run)
    fixed = rows(sequences, stored.classes(run)[-expected.outputs :])
    with run.writer("impacts") as write:
        for epoch in sorted(set(config.impacts.epochs)):
            path = run.checkpoint(epoch)
            network = checkpoints.load(path, expected)
            check(network, sequences, config.impacts.checked, str(path))
            progress = f"impacts, epoch {epoch}"
            odds, impacts = explain(network, sequences, config.impacts.batch_size, progress)
            write({**fixed, "epoch": np.full(odds.size, epoch), "logit": odds.ravel(), "impact": impacts.ravel()})


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


if __name__ == "__main__":
    command.main(write, __doc__)
