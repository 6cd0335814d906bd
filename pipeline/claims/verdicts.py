"""From numbers to a verdict: a part of a claim is decided by its interval and a bound, the claim by its parts."""

from collections.abc import Sequence

from pipeline.claims.report import Estimate, Outcome, Part, Unit, Verdict
from pipeline.claims.words import written


def at_least(statement: str, found: Estimate | None, bound: float, unit: Unit = "percent") -> Part:
    """Yes if the whole interval lies at or above the bound, no if all of it lies below, else undecided."""
    rule = f"at least {written(bound, unit)}"
    if found is None:
        return Part(statement, rule, "not tested", unit, None)
    low, high = ends(found)
    return Part(statement, rule, decided(low >= bound, high < bound), unit, found)


def at_most(statement: str, found: Estimate | None, bound: float, unit: Unit = "percent") -> Part:
    """Yes if the whole interval lies at or below the bound, no if all of it lies above, else undecided."""
    rule = f"at most {written(bound, unit)}"
    if found is None:
        return Part(statement, rule, "not tested", unit, None)
    low, high = ends(found)
    return Part(statement, rule, decided(high <= bound, low > bound), unit, found)


def ends(found: Estimate) -> tuple[float, float]:
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    return low, high


def decided(yes: bool, no: bool) -> Outcome:
    return "yes" if yes else "no" if no else "undecided"


def verdict(parts: Sequence[Part]) -> Verdict:
    """Holds if every part does, in part if some do; does not hold if every part is refuted; not tested if one is not.

    A part whose interval holds its bound is neither: more data would have to say. Where none holds and not all are
    refuted, the claim is undecided too.
    """
    outcomes = {part.outcome for part in parts}
    if not outcomes or "not tested" in outcomes:
        return "not tested"
    if outcomes == {"yes"}:
        return "holds"
    if "yes" in outcomes:
        return "holds in part"
    return "does not hold" if outcomes == {"no"} else "undecided"
