"""All prefixes in one pass, against explicit prefixes one by one (as in the paper) and in batches."""

import numpy as np
import torch

from pipeline.explain.prefix import explicit_prefix_logits, prefix_logits
from tests.bench.measure import Result, interleaved
from tests.bench.reviews import network, reviews

REVIEWS = 8
SHORTEST = 200


def measure() -> list[Result]:
    sequences = reviews(200, "test")
    inputs, lengths = sequences.padded(np.flatnonzero(sequences.lengths >= SHORTEST)[:REVIEWS])
    built = network()

    def single() -> None:
        with torch.inference_mode():
            prefix_logits(built, inputs, lengths)

    def explicit(batch_size: int) -> None:
        with torch.inference_mode():
            explicit_prefix_logits(built, inputs, lengths, batch_size)

    results = []
    for name, size, bound, pairs in (("one by one", 1, 100, 3), ("in batches of 64", 64, 20, 5)):
        ratio, one, other = interleaved(lambda size=size: explicit(size), single, pairs)  # type: ignore[misc]
        detail = f"{REVIEWS} reviews of {lengths.min()}-{lengths.max()} words: {one:.3f} s against {other:.4f} s"
        results.append(Result(f"explicit prefixes {name} / one pass", ratio, bound, "x", detail, at_least=True))
    return results
