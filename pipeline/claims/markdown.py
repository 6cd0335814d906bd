"""The report as Markdown: artifacts/claims.md, written from the same data as the viewer's page."""

import re

from pipeline.claims.report import Behind, Claim, Column, Part, Report, Table
from pipeline.claims.verdicts import RULES
from pipeline.claims.words import SIGNS, written

SHOWN = 12  # digits of a hash
HEAD = """# The paper's claims, checked

Written by `make claims` from the runs in the store; the same numbers are in `claims.json` and on the viewer's page
*Claims*. All intervals are 95 %.
"""


def markdown(report: Report) -> str:
    parts = [
        HEAD.rstrip(),
        escaped(RULES),
        escaped(report.about),
        summary(report),
        *(section(claim) for claim in report.claims),
        *([behind(report.runs)] if report.runs else []),
    ]
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


def behind(runs: tuple[Behind, ...]) -> str:
    """The runs that the claims were checked on, and what they are known by."""
    lines = [
        "## The runs behind these numbers",
        "",
        "| run | test accuracy (%) | hash of its config | of its small tables |",
        "|---|---:|---|---|",
    ]
    for each in runs:
        accuracy = written(each.accuracy, "percent", bare=True)
        lines.append(f"| {escaped(each.run)} | {accuracy} | {each.config[:SHOWN]} | {each.tables[:SHOWN]} |")
    return "\n".join(lines)


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
