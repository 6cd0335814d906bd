"""Impacts of every word, against a plain evaluation of the same reviews by the same networks."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from pipeline.data.batches import by_length
from pipeline.stages import impacts
from pipeline.store import Run
from tests.bench.measure import Result, interleaved
from tests.bench.reviews import CONFIG, network, reviews

PER_CLASS = 1_250
PAIRS = 5


def measure() -> list[Result]:
    sequences = reviews(PER_CLASS, "test")
    checkpoints = [network(epoch) for epoch in CONFIG.impacts.epochs]
    batch_size = CONFIG.impacts.batch_size

    def plain() -> None:
        with torch.inference_mode():
            for one in checkpoints:
                for rows in by_length(sequences.lengths, batch_size):
                    one(*sequences.padded(rows))

    def computed() -> None:
        for one in checkpoints:
            impacts.explain(one, sequences, batch_size)

    def written() -> None:
        with tempfile.TemporaryDirectory() as folder, Run("bench", Path(folder)).writer("impacts") as write:
            fixed = impacts.rows(sequences, ["pos"])
            for epoch, one in enumerate(checkpoints):
                odds, moved = impacts.explain(one, sequences, batch_size)
                write({**fixed, "epoch": np.full(odds.size, epoch), "logit": odds.ravel(), "impact": moved.ravel()})

    results = []
    for name, work, bound in (("computed", computed, 1.4), ("computed and written", written, 1.7)):
        ratio, one, other = interleaved(work, plain, PAIRS)
        detail = f"{len(sequences)} reviews, {len(checkpoints)} checkpoints: {one:.2f} s against {other:.2f} s"
        results.append(Result(f"impacts {name} / plain evaluation", ratio, bound, "x", detail))
    return results
