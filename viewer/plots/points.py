"""What colours the points of a map, and the legend that says so."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from viewer.data.facts import Facts
from viewer.data.maps import Predictions
from viewer.data.reading import confidence
from viewer.plots.colors import Colors

FIRST_CHOICES = {
    "predicted": "predicted label",
    "label": "true label",
    "right": "right or wrong",
    "confidence": "confidence",
    "original_length": "length in words",
}
MOST_CLASSES = 24  # named in a legend; of more, those that have a point
NOT_COLORS = ("example", "id", "snippet", "length")  # columns that identify or repeat


@dataclass(frozen=True)
class Painted:
    """A colour for each point, and what the legend shows: (colour, words) pairs.

    A ramp's first two pairs are its low end and its high end; `ramp` holds the colours between.
    """

    colors: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]
    ramp: tuple[str, ...] = ()


def choices(reviews: pd.DataFrame, element: str = "word") -> dict[str, str]:
    """{column: what a page calls it}: what points can be coloured by."""
    more = [name for name in reviews.columns if name not in FIRST_CHOICES and name not in NOT_COLORS]
    first = FIRST_CHOICES | {"original_length": f"length in {element}s"}
    return first | {name: name.replace("_", " ") for name in more}


def painted(by: str, reviews: pd.DataFrame, said: Predictions, facts: Facts, colors: Colors) -> Painted:
    """Colours by one of `choices`; anything else is coloured by the predicted label."""
    if by == "right":
        right = said.predicted == reviews["label"].to_numpy()
        both = np.where(right, colors.right, colors.wrong)
        return Painted(tuple(both), ((colors.right, "right"), (colors.wrong, "wrong")))
    if by == "confidence":
        return ramped(np.array([confidence(p, len(facts.classes)) for p in said.probability]), colors)
    if by in reviews.columns and by != "label":
        return by_column(reviews[by], colors)
    values = reviews["label"].to_numpy() if by == "label" else said.predicted
    return by_class(values, facts, colors)


def by_class(values: npt.NDArray[np.object_], facts: Facts, colors: Colors) -> Painted:
    """The colours of classes."""
    of = dict(zip(facts.classes, colors.classes(len(facts.classes)), strict=True))
    shown = list(of)
    if len(shown) > MOST_CLASSES:
        there = set(values)
        shown = [name for name in of if name in there][:MOST_CLASSES]
    legend = [(of[name], name.upper()) for name in shown]
    if len(shown) < len(of):
        legend.append(("transparent", f"and {len(of) - len(shown)} more classes"))
    return Painted(tuple(of[value] for value in values), tuple(legend))


def by_column(column: pd.Series, colors: Colors) -> Painted:
    """A further column: numbers by a ramp, few different labels by categories, many labels all alike; grey without a
    value."""
    given = column.notna()
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers[given].notna().all() and numbers.nunique() > 2:
        return ramped(numbers.to_numpy(np.float64), colors)
    names = sorted(column[given].astype(str).unique())
    if len(names) > len(colors.categories):
        of = dict.fromkeys(names, colors.right)
        legend = [(colors.right, f"{len(names)} different values, too many to colour")]
    else:
        of = dict(zip(names, colors.categories, strict=False))
        legend = [(color, name or "(empty)") for name, color in of.items()]
    shades = tuple(of[str(label)] if there else colors.unselected for label, there in zip(column, given, strict=True))
    return Painted(shades, (*legend, *absent(given.to_numpy(), colors)))


def ramped(values: npt.NDArray[np.float64], colors: Colors) -> Painted:
    """Numbers, low to high, by the ramp, NaN grey; it spans the 2nd to the 98th percentile, so that one value rules
    nothing."""
    given, ramp = ~np.isnan(values), colors.sequence
    finite = values[np.isfinite(values)]
    low, high = (float(end) for end in np.percentile(finite, [2, 98])) if len(finite) else (0.0, 0.0)
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    steps = np.nan_to_num(share.clip(0, 1) * (len(ramp) - 1)).astype(int)
    shades = tuple(ramp[step] if there else colors.unselected for step, there in zip(steps, given, strict=True))
    ends = ((ramp[0], f"{low:.3g} or less"), (ramp[-1], f"{high:.3g} or more"))
    return Painted(shades, (*ends, *absent(given, colors)), ramp)


def absent(given: npt.NDArray[np.bool_], colors: Colors) -> tuple[tuple[str, str], ...]:
    """What the legend says of points without a value, if there are any."""
    return () if given.all() else ((colors.unselected, "no value"),)
