"""What the networks of a run of any kind say of explicit prefixes, one at a time: from its plain tables, by torch."""

from collections.abc import Sequence

import numpy as np
import torch

from tests.stored import Stored


def of_example(stored: Stored, example: int) -> torch.Tensor:
    """(1, T) ids or (1, T, channels) numbers of a test example as its network takes them."""
    if not stored.rows("channels"):
        return stored.tokens(example)
    row = stored.rows("examples", example=example)[0]
    return of_steps(stored, row["steps"][: row["length"]])


def of_steps(stored: Stored, steps: Sequence[Sequence[float]]) -> torch.Tensor:
    """(1, T, channels) numbers as the network takes them."""
    center, scale = (np.array([one[name] for one in stored.rows("channels")]) for name in ("center", "scale"))
    return torch.tensor((np.array(steps) - center) / scale, dtype=torch.float32)[None]


def of_words(stored: Stored, words: Sequence[str]) -> torch.Tensor:
    """(1, T) ids."""
    tokens = {row["word"]: row["token"] for row in stored.rows("vocabulary")}
    return torch.tensor([[tokens.get(word.lower(), tokens["<unknown>"]) for word in words]])


def probabilities(stored: Stored, epoch: int, read: torch.Tensor) -> np.ndarray:
    """(T + 1, K) of all classes after 0, 1, ..., T elements, each prefix by itself; NaN where there is no answer."""
    network, said = stored.network(epoch), []
    with torch.inference_mode():
        for stop in range(read.shape[1] + 1):
            if stop == 0 and not getattr(network, "defined_on_empty", True):
                continue
            part = read[:, :stop] if stop else torch.zeros_like(read[:, :1])
            logits = network(part, torch.tensor([stop]))[0].double()
            said.append(torch.softmax(logits, 0) if len(logits) > 1 else torch.sigmoid(torch.cat([-logits, logits])))
    missing = read.shape[1] + 1 - len(said)
    return np.concatenate([np.full((missing, len(said[0])), np.nan), torch.stack(said).numpy()])
