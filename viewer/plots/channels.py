"""Sequences of numbers as lines over their steps, one a channel, as plain JSON: the chart above strips of impacts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from viewer.data.reading import Reading
from viewer.plots.colors import Colors

DASHES: tuple[list[float], ...] = (
    [],
    [6, 3],
    [1.5, 2.5],
    [8, 3, 2, 3],
)  # in pixels; with few colours, lines of one colour differ in these
TICKS = 4


def channels_json(readings: Sequence[Reading], colors: Colors) -> dict[str, Any] | None:
    """The chart of the steps that are read, of one sequence or of two; None where they are words.

    lines: a name, a colour, a dash and, per sequence, a value a step for each channel; low, high, ticks: of the axis.
    """
    read = [reading.steps[: len(reading.words)] for reading in readings if reading.steps is not None]
    if not read or not any(len(one) for one in read):
        return None
    everything = np.concatenate(read)
    low, high, ticks = axis(float(everything.min()), float(everything.max()))
    return {
        "lines": [
            {
                "name": str(channel + 1),
                "color": colors.categories[channel % len(colors.categories)],
                "dash": DASHES[channel // len(colors.categories) % len(DASHES)],
                "values": [one[:, channel].tolist() for one in read],
            }
            for channel in range(everything.shape[1])
        ],
        "low": low,
        "high": high,
        "ticks": ticks,
        "grid": colors.line,
        "muted": colors.muted,
    }


def axis(least: float, most: float) -> tuple[float, float, list[float]]:
    """Ends of an axis around the values, and round numbers between them."""
    if most <= least:
        least, most = least - 1, most + 1
    step = rounded((most - least) / TICKS)
    first, last = np.floor(least / step), np.ceil(most / step)
    ticks = [float(f"{step * number:.12g}") for number in np.arange(first, last + 1)]
    return ticks[0], ticks[-1], ticks


def rounded(size: float) -> float:
    """The next of 1, 2, 5, 10, ... times a power of ten."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size * (1 - 1e-9)))
