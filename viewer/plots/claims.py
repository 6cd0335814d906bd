"""The paper's claims as HTML and charts: a report's own data in, no I/O."""

from collections.abc import Sequence
from html import escape

import holoviews as hv
import pandas as pd

from pipeline.claims.report import Chart, Claim, Column, Outcome, Part, Report, Table, Verdict
from pipeline.claims.words import FACTORS, SIGNS, listed, written
from viewer.data.claims import Compared, State
from viewer.plots.colors import Colors
from viewer.plots.lines import Line, curves
from viewer.plots.sideways import sideways
from viewer.plots.training import run_look

# A word with a sign: nothing is told by colour alone.
VERDICTS: dict[Verdict, str] = {
    "holds": "✓",
    "holds in part": "◐",
    "undecided": "?",
    "does not hold": "✗",
    "not tested": "○",
}
STATES: dict[State, str] = {
    "here": "In this store as they were",
    "absent": "Not in this store",
    "other settings": "Here with other settings",
    "other numbers": "Here with other numbers",
    "unreadable": "Here, and cannot be read",
}
OUTCOMES: dict[Outcome, str] = {"yes": "✓", "no": "✗", "undecided": "?", "not tested": "○"}


def verdict(found: Verdict) -> str:
    return f"<span class='verdict {found.replace(' ', '-')}'>{VERDICTS[found]} {found}</span>"


def summary(report: Report) -> str:
    """All claims and their verdicts in one table."""
    rows = [
        f"<tr><td>{claim.number}</td><td class='wrap'>{escape(claim.sentence)}</td>"
        f"<td>{verdict(claim.verdict)}</td></tr>"
        for claim in report.claims
    ]
    heads = "<th></th><th scope='col'>Claim</th><th scope='col'>Verdict</th>"
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def behind(runs: Sequence[Compared], command: str) -> str:
    """Which of the runs behind the report this store holds, and what to type where it holds others; HTML."""
    if not runs:
        return f"It is not told which runs these numbers are of; <code>{command}</code> writes them anew."
    of = {state: [named(run) for run in runs if run.state == state] for state in STATES}
    if len(of["here"]) == len(runs):
        return f"All runs behind these numbers are in this store: {escape(listed(of['here']))}."
    told = [f"{head}: {escape(listed(of[state]))}." for state, head in STATES.items() if of[state]]
    return (
        f"The runs behind these numbers. {' '.join(told)} <code>{command}</code> builds those that are missing and "
        "checks the claims on the runs of this store."
    )


def named(run: Compared) -> str:
    """A run by its name, and by what tells two of one name apart at a glance."""
    if run.now is None or run.then is None or run.now == run.then:
        return run.run
    return f"{run.run} (test accuracy {written(run.now, 'percent')}, then {written(run.then, 'percent')})"


def title(claim: Claim) -> str:
    """The head of a claim's card, as HTML."""
    return f"{claim.number}. {escape(claim.title)} {verdict(claim.verdict)}"


def told(claim: Claim) -> str:
    """The claim, what the numbers say, and what the verdict is made of."""
    return (
        f"<blockquote>{escape(claim.sentence)}</blockquote><p class='reading'>{escape(claim.reading)}</p>"
        f"{sideways(decisions(claim.parts), f'What decides claim {claim.number}', 'across') if claim.parts else ''}"
    )


def numbers(claim: Claim) -> str:
    """All tables of a claim, and how it was measured: each to be opened by who wants it."""
    tables = "".join(
        f"<h3>{escape(each.title)}</h3>{sideways(table(each), each.title, 'across')}" for each in claim.tables
    )
    shown = f"<details><summary>All numbers</summary>{tables}</details>" if tables else ""
    return f"{shown}<details><summary>How it was measured</summary><p>{escape(claim.measured)}</p></details>"


def decisions(parts: Sequence[Part]) -> str:
    """A row for each statement, with the rule that decides it; nothing where there is none."""
    if not parts:
        return ""
    rows = [
        f"<tr><td class='wrap'>{escape(part.statement)}</td><td>{escape(written(part.found, part.unit))}</td>"
        f"<td>{escape(part.rule)}</td><td>{OUTCOMES[part.outcome]} {part.outcome}</td></tr>"
        for part in parts
    ]
    heads = "".join(f"<th scope='col'>{head}</th>" for head in ("Statement", "Found", "Rule", "So?"))
    return f"<table class='decisions'><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def table(made: Table) -> str:
    heads = "".join(f"<th scope='col'{side(column)}>{escape(head(column))}</th>" for column in made.columns)
    rows = [
        "".join(
            f"<td{side(column)}>{escape(written(cell, column.unit, bare=True))}</td>"
            for cell, column in zip(row, made.columns, strict=True)
        )
        for row in made.rows
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def head(column: Column) -> str:
    sign = SIGNS.get(column.unit, "").strip()
    return column.name + (f" ({sign})" if sign else "")


def side(column: Column) -> str:
    return "" if column.unit == "text" else " class='number'"


def chart(made: Chart, colors: Colors) -> hv.Overlay:
    """A chart of the report in the colours of the page; shares and points in hundredths."""
    factor = FACTORS.get(made.unit, 1)
    lines = [
        Line(
            curve.name,
            *run_look(number, colors),
            pd.DataFrame([(epoch, factor * value) for epoch, value in curve.points], columns=["epoch", "value"]),
        )
        for number, curve in enumerate(made.curves)
        if curve.points
    ]
    return curves(lines, made.label, colors)
