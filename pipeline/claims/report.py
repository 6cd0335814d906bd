"""What is said of a claim, as data: its verdict, what that is made of, tables and curves; to plain values and back.

`artifacts/claims.json` holds these values, `claims.md` is written from them, and the viewer draws them.
"""

import math
from dataclasses import dataclass, fields
from typing import Any, Literal

Outcome = Literal["yes", "no", "undecided", "not tested"]
Verdict = Literal["holds", "holds in part", "undecided", "does not hold", "not tested"]
Unit = Literal["text", "count", "percent", "points", "size", "number"]
OUTCOMES: tuple[Outcome, ...] = ("yes", "no", "undecided", "not tested")
VERDICTS: tuple[Verdict, ...] = ("holds", "holds in part", "undecided", "does not hold", "not tested")
UNITS: tuple[Unit, ...] = ("text", "count", "percent", "points", "size", "number")
DIGITS = 6  # kept of every number: fewer than differ between machines


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval; low and high are None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None

    def times(self, factor: float) -> "Estimate":
        """The same in another unit, or with the sign turned."""
        ends = [None if end is None else factor * end for end in (self.low, self.high)]
        return Estimate(factor * self.value, *(ends if factor >= 0 else reversed(ends)))


Cell = Estimate | str | int | float | None


@dataclass(frozen=True)
class Column:
    """One column of a table. unit: "percent", "points" (percentage points, with a sign) and "size"
    (points without one) are told in hundredths."""

    name: str
    unit: Unit = "text"


@dataclass(frozen=True)
class Table:
    """A table under its title; a cell that is None is empty: there is no such number."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Curve:
    """One line of a chart: (epoch, value) points, epochs rising."""

    name: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Chart:
    """Lines over the epochs. label: of the vertical axis; unit as of a column."""

    title: str
    label: str
    unit: Unit
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Part:
    """One of the statements a claim is made of, the rule that decides it, and how it came out."""

    statement: str
    rule: str
    outcome: Outcome
    unit: Unit
    found: Estimate | None


@dataclass(frozen=True)
class Claim:
    """sentence: the paper's claim in our words; reading: what the numbers say; measured: how they were got."""

    number: int
    title: str
    sentence: str
    verdict: Verdict
    reading: str
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]
    measured: str


@dataclass(frozen=True)
class Behind:
    """A run that a report was made of. accuracy: on the test reviews at its last epoch; config, tables: hashes of its
    config and of the numbers in its small tables."""

    run: str
    accuracy: float | None
    config: str
    tables: str


@dataclass(frozen=True)
class Report:
    """All claims, in a few sentences what they were tested on, and the runs that they were tested on; none of these in
    reports from before they were told."""

    about: str
    claims: tuple[Claim, ...]
    runs: tuple[Behind, ...] = ()


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON holds it, numbers rounded; a number that is not finite is an error of ours."""
    rounded = to_plain(report)
    assert isinstance(rounded, dict)
    return rounded


def to_plain(value: Any) -> Any:
    if isinstance(value, float):
        assert math.isfinite(value), "a number that is not there is None"
        return round(value, DIGITS) + 0.0  # no minus before a zero
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    return value


def from_plain(values: Any) -> Report:
    """The report that `plain` was made of. Raises ValueError saying what is not as it should be."""
    try:
        claims = tuple(claim(each) for each in listed(values["claims"]))
        return Report(text(values["about"]), claims, tuple(behind(each) for each in listed(values.get("runs", []))))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def claim(values: Any) -> Claim:
    return Claim(
        number=whole(values["number"]),
        title=text(values["title"]),
        sentence=text(values["sentence"]),
        verdict=one_of(VERDICTS, values["verdict"]),
        reading=text(values["reading"]),
        parts=tuple(part(each) for each in listed(values["parts"])),
        tables=tuple(table(each) for each in listed(values["tables"])),
        charts=tuple(chart(each) for each in listed(values["charts"])),
        measured=text(values["measured"]),
    )


def behind(values: Any) -> Behind:
    accuracy = values["accuracy"]
    return Behind(
        run=text(values["run"]),
        accuracy=None if accuracy is None else float(number(accuracy)),
        config=text(values["config"]),
        tables=text(values["tables"]),
    )


def part(values: Any) -> Part:
    return Part(
        statement=text(values["statement"]),
        rule=text(values["rule"]),
        outcome=one_of(OUTCOMES, values["outcome"]),
        unit=one_of(UNITS, values["unit"]),
        found=None if values["found"] is None else estimate(values["found"]),
    )


def table(values: Any) -> Table:
    columns = tuple(Column(text(each["name"]), one_of(UNITS, each["unit"])) for each in listed(values["columns"]))
    rows = tuple(tuple(cell(each) for each in listed(row)) for row in listed(values["rows"]))
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a row of a table is not as long as its columns")
    return Table(text(values["title"]), columns, rows)


def cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return estimate(value)
    return value if value is None or isinstance(value, str) else number(value)


def chart(values: Any) -> Chart:
    curves = tuple(
        Curve(
            text(each["name"]), tuple((whole(epoch), float(number(value))) for epoch, value in listed(each["points"]))
        )
        for each in listed(values["curves"])
    )
    return Chart(text(values["title"]), text(values["label"]), one_of(UNITS, values["unit"]), curves)


def estimate(values: Any) -> Estimate:
    low, high = (None if values[end] is None else float(number(values[end])) for end in ("low", "high"))
    return Estimate(float(number(values["value"])), low, high)


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return value


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value


def listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return value


def one_of(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    return value
