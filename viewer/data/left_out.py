"""A sequence without each of its elements, as one checkpoint reads it: what leave-one-out rows are drawn from."""

from dataclasses import dataclass

import numpy as np

from viewer.data.reading import Floats


@dataclass(frozen=True)
class LeftOut:
    """probabilities, logits: (T, K), of every class for the sequence without element 1, ..., T, NaN where that leaves
    nothing and the network has no answer to it; whole, whole_logits: (K,), for all of it."""

    probabilities: Floats
    logits: Floats
    whole: Floats
    whole_logits: Floats

    def changes(self, measure: str) -> Floats:
        """(T, K) what each element changes for every class: with it minus without it."""
        if measure == "probability":
            return self.whole - self.probabilities
        return self.whole_logits - self.logits

    @property
    def pairs(self) -> list[tuple[Floats, Floats]]:
        """(T, K) probabilities without each element and with all of them, and log-odds likewise."""
        return [
            (self.probabilities, np.broadcast_to(self.whole, self.probabilities.shape)),
            (self.logits, np.broadcast_to(self.whole_logits, self.logits.shape)),
        ]
