"""What a row of leave-one-out tells, as plain JSON, and where it disagrees with the row of prefix impacts above it."""

from collections.abc import Sequence
from typing import Any

from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading
from viewer.numbers import numbers
from viewer.plots.disputes import MEANINGS, disputes
from viewer.plots.moves import of_changes
from viewer.plots.style import Style


def disagreements(reading: Reading, left_out: LeftOut, epoch: int, style: Style) -> tuple[str, ...]:
    """A sign for each element of which the two say different things for the class in question; empty for the others."""
    own, other = (
        of_changes(reading, epoch, changes, style.about).change
        for changes in (reading.changes(style.measure, epoch), left_out.changes(style.measure))
    )
    return tuple(disputes(own, other, style.threshold))


def told(element: str, signs: Sequence[str]) -> list[str]:
    """What the legend says of the row."""
    found = f"left out: probability for the whole minus that without the {element}"
    return [found, *(f"{sign} {meaning}" for sign, meaning in MEANINGS.items() if sign in signs)]


def left_out_json(left_out: LeftOut, asked: int) -> dict[str, Any]:
    """What the row tells of class number `asked`, in place of the way along the sequence."""
    whole, whole_logit = numbers(left_out.whole, 6)[asked], numbers(left_out.whole_logits, 4)[asked]
    return {
        "probability": None,
        "logit": None,
        "crossing": None,
        "without": numbers(left_out.probabilities[:, asked], 6),
        "without_logit": numbers(left_out.logits[:, asked], 4),
        "whole": whole,
        "whole_logit": whole_logit,
    }
