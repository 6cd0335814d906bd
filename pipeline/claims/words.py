"""Numbers as the claims write them: shares in percent, with their intervals, a true minus."""

from collections.abc import Sequence

from pipeline.claims.report import Cell, Estimate, Unit

MINUS = "\N{MINUS SIGN}"
FACTORS = {"percent": 100, "points": 100, "size": 100}
DECIMALS = {"percent": 1, "points": 1, "size": 1, "number": 2, "count": 0}
SIGNS = {"percent": " %", "points": " points", "size": " points"}


def written(value: Cell, unit: Unit, bare: bool = False) -> str:
    """One cell as text: 86.1 % (85.7 to 86.5). bare: without the unit's sign, for under a head that has it."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, str):
        return value
    sign = "" if bare else SIGNS.get(unit, "")
    if not isinstance(value, Estimate):
        return figure(value, unit) + sign
    if value.low is None or value.high is None:
        return figure(value.value, unit) + sign
    return f"{figure(value.value, unit)}{sign} ({figure(value.low, unit)} to {figure(value.high, unit)})"


def figure(value: float, unit: Unit) -> str:
    """A number in the digits of its unit; what rounds to nothing has no sign, a difference in points always one."""
    if unit == "text":
        return f"{value:g}"
    told = f"{abs(value) * FACTORS.get(unit, 1):,.{DECIMALS[unit]}f}"
    if float(told.replace(",", "")) == 0:
        return told
    return (MINUS if value < 0 else "+" if unit == "points" else "") + told


def listed(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
