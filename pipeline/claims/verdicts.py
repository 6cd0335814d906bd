"""From numbers to a verdict: a part of a claim is decided by its interval and a bound, the claim by its parts."""

from collections.abc import Sequence

from pipeline.claims.report import Estimate, Outcome, Part, Unit, Verdict
from pipeline.claims.words import written

# What this file does, for who reads a report.
RULES = (
    "Every verdict is computed. A claim is made of statements, each with a rule. A statement is found to be so where "
    "its whole 95 % interval keeps the rule, and not to be so where the whole interval breaks it; it is undecided "
    "where the interval contains the bound of the rule, and not tested where what it needs is missing. A claim holds "
    "if all of its statements are found to be so, and holds in part if some are; it does not hold if all are found not "
    "to be so. It is undecided where none of its statements is found to be so and not all are found not to be so, and "
    "not tested where one of them is not."
)


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
    """The verdict on a claim, as RULES has it; not tested where there is no part."""
    outcomes = {part.outcome for part in parts}
    if not outcomes or "not tested" in outcomes:
        return "not tested"
    if outcomes == {"yes"}:
        return "holds"
    if "yes" in outcomes:
        return "holds in part"
    return "does not hold" if outcomes == {"no"} else "undecided"
