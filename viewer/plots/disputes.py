"""Where prefix impact and leave-one-out disagree about an element: a sign each, so that no colour is needed."""

import numpy as np

from viewer.data.reading import Floats
from viewer.plots.moves import largest

OPPOSITE, APART = "⇅", "≠"
STRONGEST = 0.2  # share of the elements, rounded up
MEANINGS = {
    OPPOSITE: "prefix impact and leave-one-out point opposite ways, neither grey",
    APART: "among the strongest fifth of one, grey in the other",
}


def disputes(prefix: Floats, left_out: Floats, threshold: float) -> list[str]:
    """A sign for each of T elements, empty where the two (T,) changes of one class agree or one is not known.

    Grey is what lies up to `threshold` of a row's own largest |change|, as it is drawn. Opposite: neither is grey, and
    one raises what the other lowers. Apart: one is grey and the other among the STRONGEST share of its row.
    """
    grey = [~(np.abs(change) > threshold * largest(change)) for change in (prefix, left_out)]
    strong = [~one & strongest(change) for one, change in zip(grey, (prefix, left_out), strict=True)]
    known = ~np.isnan(prefix) & ~np.isnan(left_out)
    opposite = known & ~grey[0] & ~grey[1] & (np.sign(prefix) != np.sign(left_out))
    apart = known & ((strong[0] & grey[1]) | (strong[1] & grey[0]))
    return [OPPOSITE if one else APART if other else "" for one, other in zip(opposite, apart, strict=True)]


def strongest(change: Floats) -> np.ndarray:
    """(T,) whether an element is among the STRONGEST by |change|; of equal ones the first."""
    order = np.argsort(-np.nan_to_num(np.abs(change)), kind="stable")
    found = np.zeros(len(change), bool)
    found[order[: int(np.ceil(STRONGEST * len(change)))]] = True
    return found
