"""The report as Markdown: artifacts/claims.md, written from the same data as the viewer's page."""

import re

from pipeline.claims.report import Claim, Column, Part, Report, Table
from pipeline.claims.words import SIGNS, written

HEAD = """# The paper's claims, checked

Written by `make claims` from the runs in the store; the same numbers are in `claims.json` and on the viewer's page
*Claims*. Every verdict is computed, by the rules that stand beside it: each claim is made of statements; it *holds* if
all of them are found to be so, *holds in part* if some are, *does not hold* if all are found not to be so, and is *not
tested* where the runs it needs are missing. A statement whose interval holds the bound of its rule is *undecided*; a
claim is where no more can be said. Intervals are 95 %.
"""


def markdown(report: Report) -> str:
    parts = [HEAD.rstrip(), escaped(report.about), summary(report), *(section(claim) for claim in report.claims)]
    return "\n\n".join(parts) + "\n"


def summary(report: Report) -> str:
    lines = ["| | claim | verdict |", "|---|---|---|"]
    lines += [f"| {claim.number} | {escaped(claim.sentence)} | **{claim.verdict}** |" for claim in report.claims]
    return "\n".join(lines)


def section(claim: Claim) -> str:
    parts = [
        f"## {claim.number}. {escaped(claim.title)}: {claim.verdict}",
        f"> {escaped(claim.sentence)}",
        escaped(claim.reading),
        decisions(claim.parts),
        *(table(each) for each in claim.tables),
        f"*How it was measured.* {escaped(claim.measured)}",
    ]
    return "\n\n".join(parts)


def decisions(parts: tuple[Part, ...]) -> str:
    lines = ["| statement | found | rule | so? |", "|---|---|---|---|"]
    for part in parts:
        found = written(part.found, part.unit)
        lines.append(f"| {escaped(part.statement)} | {found} | {part.rule} | {part.outcome} |")
    return "\n".join(lines)


def table(made: Table) -> str:
    lines = [f"{escaped(made.title)}:", "", "| " + " | ".join(head(column) for column in made.columns) + " |"]
    lines.append("|" + "|".join("---" if column.unit == "text" else "---:" for column in made.columns) + "|")
    for row in made.rows:
        cells = [escaped(written(cell, column.unit, bare=True)) for cell, column in zip(row, made.columns, strict=True)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def head(column: Column) -> str:
    sign = SIGNS.get(column.unit, "").strip()
    return escaped(column.name + (f" ({sign})" if sign else ""))


def escaped(text: str) -> str:
    """Text as Markdown shows it: nothing in it is markup."""
    return re.sub(r"([\\`*_<>|\[\]#~])", r"\\\1", text)
