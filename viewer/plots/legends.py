"""What the colours, bars and marks of rows mean, as plain JSON for the browser."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from viewer.data.reading import Reading
from viewer.numbers import signed
from viewer.plots.marks import marks
from viewer.plots.moves import Moves, largest
from viewer.plots.style import Style

STEPS = 5
MOST_CLASSES = 24  # of more, only those are named that an element shown pulls towards
UNITS = {"probability": "percentage points", "log-odds": "log-odds"}
Json = dict[str, Any]


def legend(
    readings: Sequence[Reading],
    style: Style,
    tops: tuple[float, float],
    weight: float,
    strips: bool,
    moved: Sequence[Moves] = (),
) -> Json:
    """moved: what the elements of all rows move; tops: what the strongest colour and the highest bar stand for;
    weight: the largest attention weight, 0 if there is none; strips: whether any row is one.
    """
    ends = [size(-tops[0], style.measure), size(tops[0], style.measure)]
    bar = size(tops[1], style.measure).lstrip("+")
    if style.each_row:
        ends = [of_each_row([one.strongest for one in moved], style.measure)] * 2
        bar = of_each_row([largest(one.change) for one in moved], style.measure)
    found: Json = {"ends": ends, "marks": signs(readings, style, bar, strips), "neutral": style.colors.neutral}
    plain = next((reading for reading in readings if not style.pulling(reading)), None)
    if plain is not None:
        steps = np.linspace(0, 1, STEPS)
        found |= {
            "positive": (style.about if plain.many else plain.positive).upper(),
            "lowering": [style.colors.tint(share, -1) for share in steps[::-1]],
            "raising": [style.colors.tint(share, 1) for share in steps],
        }
    pulling = next((reading for reading in readings if style.pulling(reading)), None)
    if pulling is not None:
        found["classes"] = classes(pulling, style)
        if len(found["classes"]) > MOST_CLASSES:
            shown = sorted({int(number) for one in moved if one.toward is not None for number in one.toward})
            left_out = len(found["classes"]) - len(shown)
            found["classes"] = [found["classes"][number] for number in shown]
            found["marks"].insert(0, f"no {pulling.element} here pulls towards the {left_out} other classes")
    if weight:
        found["attention"] = {"colors": list(style.colors.sequence[::8]), "top": f"{weight:.2f}"}
    return found


def classes(reading: Reading, style: Style) -> list[Json]:
    """Every class: its name, its sign, its tint from pale to strong."""
    count = len(reading.classes)
    return [
        {
            "name": name.upper(),
            "mark": mark,
            "tints": [style.colors.class_tint(share, number, count) for share in (0.0, 0.5, 1.0)],
        }
        for number, (name, mark) in enumerate(zip(reading.classes, marks(reading.classes), strict=True))
    ]


def signs(readings: Sequence[Reading], style: Style, bar: str, strips: bool) -> list[str]:
    """The marks that stand in these rows, each in a few words; bar: what the highest bar stands for."""
    first = readings[0]
    found = [f"grey: at most {round(100 * style.threshold, 1):g} % of the row's largest"]
    if any(style.pulling(reading) for reading in readings):
        found.append(f"bar above: raises the predicted class, below: lowers it, by up to {bar}")
    if any(not word.known for reading in readings for word in reading.words):
        found.append("dotted: not in the vocabulary")
    if any(reading.unread for reading in readings):
        found.append("pale: not read")
    if any(len(reading.words) and np.isnan(reading.probabilities[:, 0]).any() for reading in readings):
        found.append(f"the first {first.element} has no impact: the network has no answer before it")
    if strips:
        found.append("▾ last change of the predicted class" if first.many else "▾ last crossing of 0.5")
    return found


def size(value: float, measure: str) -> str:
    """A change with its unit: percentage points, or log-odds (nats)."""
    return f"{signed(*number(value, measure))} {UNITS[measure]}"


def of_each_row(tops: Sequence[float], measure: str) -> str:
    """Where every row has a scale of its own: what the full colour or bar stands for, from row to row."""
    low, high = (signed(*number(top, measure)).lstrip("+") for top in (min(tops, default=0.0), max(tops, default=0.0)))
    return f"the row's largest, {low if low == high else f'{low} to {high}'} {UNITS[measure]}"


def number(value: float, measure: str) -> tuple[float, int]:
    """A change as it is told, and with how many decimals."""
    return (100 * value, 1) if measure == "probability" else (value, 2)


def points(value: float) -> str:
    """A change of a probability where there is little room."""
    return f"{signed(100 * value, 1)} points"
