"""Sequences of numbers as a network reads them: every channel shifted and scaled alike, as found in training."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Channels:
    """What is subtracted from the numbers of each channel, and what they are divided by then: (channels,) float64."""

    center: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]

    @property
    def count(self) -> int:
        return len(self.center)

    def encode(self, steps: npt.ArrayLike) -> Reals:
        """(T, channels) numbers as in the corpus to the (T, channels) float32 that the network reads."""
        numbers = np.asarray(steps, np.float64).reshape(-1, self.count)
        return ((numbers - self.center) / self.scale).astype(np.float32)


def measured(numbers: Reals) -> Channels:
    """The mean and the standard deviation of every channel of (n, channels) numbers; a constant one is only shifted."""
    exact = numbers.astype(np.float64)
    deviation = exact.std(axis=0)
    constant = np.ptp(exact, axis=0) == 0  # its deviation may be rounding
    return Channels(exact.mean(axis=0), np.where(constant, 1.0, deviation))


def unchanged(count: int) -> Channels:
    """Numbers are read as they are."""
    return Channels(np.zeros(count), np.ones(count))
