"""How faithful a run's impacts are to its networks, beside other methods: what is drawn of the table faithfulness.

Frames are shared between sessions: do not change them.
"""

import pandas as pd

from viewer.data.facts import Facts
from viewer.data.source import Source

REFERENCE = "prefix_impact"
METHODS = {  # in the order of display
    REFERENCE: "prefix impact",
    "leave_one_out": "leave-one-out",
    "integrated_gradients": "integrated gradients",
    "gradient_input": "gradient times input",
    "random": "random",
}
# {measure: whether more of it is better}: those that may be compared between epochs.
MEASURES = {"normalized_comprehensiveness": True, "normalized_sufficiency": False, "hybrid_hit": True}


def faithfulness(source: Source, facts: Facts) -> pd.DataFrame:
    """A row for each epoch, measure of MEASURES and method of METHODS that is stored, in these orders.

    Columns epoch, measure, method, value, low, high (its interval of 95 %), difference, difference_low,
    difference_high (to prefix impact, NaN for itself), examples: how many examples or documents it is the mean of.
    """
    found = source.frame(
        "SELECT epoch, measure, method, value, low, high, difference, difference_low, difference_high, examples "
        "FROM faithfulness WHERE run = ? AND share = 0 AND value IS NOT NULL",
        facts.run,
    )
    found = found[found["measure"].isin(list(MEASURES)) & found["method"].isin(list(METHODS))]
    orders = {"measure": list(MEASURES), "method": list(METHODS)}
    ranked = found.assign(**{name: pd.Categorical(found[name], order) for name, order in orders.items()})
    ranked = ranked.sort_values(["epoch", "measure", "method"], ignore_index=True)
    return ranked.assign(**{name: ranked[name].astype(object) for name in orders})


def verdict(measure: str, low: float, high: float) -> str:
    """What the interval of a difference to prefix impact says: "better", "worse", or "no clear difference"."""
    better, worse = (low > 0, high < 0) if MEASURES[measure] else (high < 0, low > 0)
    return "better" if better else "worse" if worse else "no clear difference"
