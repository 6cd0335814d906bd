"""The committed claims.json: every verdict follows from its statements, every statement from its number and its rule.

What is counted is held to pairs.csv and to the code's own rules, so that a rule cannot change without the file.
"""

import csv
import re
from collections import Counter
from itertools import pairwise

import pytest

from pipeline.claims import accuracy, density, separability
from pipeline.claims.layers import TITLES
from pipeline.claims.pairs import FILE
from pipeline.claims.report import Cell, Claim, Estimate, Outcome, Part, Report
from pipeline.claims.separability import Probes
from pipeline.claims.verdicts import verdict
from tests.project import ROOT
from viewer.data import claims
from viewer.data.source import Source

HUNDREDTHS = ("percent", "points", "size")


@pytest.fixture(scope="module")
def committed() -> Report:
    found = claims.report(Source(ROOT / "artifacts"))
    assert found is not None
    assert [claim.number for claim in found.claims] == [1, 2, 3, 4, 5, 6, 7]
    return found


def outcome(part: Part) -> Outcome:
    """By the rule as it is written, on the interval as it is written: spelled out once more."""
    if part.found is None:
        return "not tested"
    said = re.fullmatch(r"at (least|most) ([+\N{MINUS SIGN}]?)([\d.]+)( %| points)?", part.rule)
    assert said, part.rule
    bound = (-1 if said[2] == "\N{MINUS SIGN}" else 1) * float(said[3]) / (100 if part.unit in HUNDREDTHS else 1)
    ends = [part.found.value if end is None else end for end in (part.found.low, part.found.high)]
    kept = [end >= bound if said[1] == "least" else end <= bound for end in ends]
    return "yes" if all(kept) else "undecided" if any(kept) else "no"


def test_every_verdict_follows_from_its_statements(committed: Report) -> None:
    for claim in committed.claims:
        assert claim.parts, claim.title
        for part in claim.parts:
            assert part.outcome == outcome(part), part.statement
        assert claim.verdict == verdict(claim.parts), claim.title


def columns(claim: Claim, title: str) -> list[dict[str, Cell]]:
    """The rows of a table by the names of its columns."""
    (table,) = [table for table in claim.tables if table.title == title]
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


def test_so_many_pairs_were_read_as_there_are(committed: Report) -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = Counter(row["kind"] for row in rows)
    boring = sum(row["word"] == "boring" for row in rows)
    expected = {
        "“not” before a negative word": kinds["negative"],
        "“not” before a positive word": kinds["positive"],
        "neutral swap": kinds["neutral"],
        "“not” before “boring”": boring,
        "“boring” in place of a neutral word": kinds["baseline"],
    }
    claim = committed.claims[4]
    for title, count in expected.items():
        assert {row["pairs"] for row in columns(claim, title)} == {count}, title
    for title in ("Sentences with “boring”", "Sentences with “not boring”", "The same with a neutral word"):
        assert {row["sentences"] for row in columns(claim, title)} == {boring}, title
    assert f"{kinds['negative'] + kinds['positive']} pairs of sentences with and without “not”" in claim.measured


def alike(found: Claim, expected: Claim) -> None:
    """The same statements, rules, numbers to the digits that are kept, outcomes and verdict."""
    assert found.verdict == expected.verdict
    assert len(found.parts) == len(expected.parts)
    for one, other in zip(found.parts, expected.parts, strict=True):
        assert (one.statement, one.rule, one.outcome) == (other.statement, other.rule, other.outcome)
        assert one.found is not None
        assert other.found is not None
        ends = [(each.value, each.low, each.high) for each in (one.found, other.found)]
        assert ends[0] == pytest.approx(ends[1], abs=2e-5), one.statement


def value(cell: Cell) -> float:
    assert isinstance(cell, Estimate)
    return cell.value


def test_accuracy_is_judged_again_from_its_table(committed: Report) -> None:
    rows = [(int(str(row["epoch"])), int(str(row["right"])), int(str(row["of"]))) for row in
            columns(committed.claims[0], "Test accuracy")]  # fmt: skip
    alike(committed.claims[0], accuracy.judge({epoch: (right, of) for epoch, right, of in rows}, rows[-1][0]))


def test_separability_is_judged_again_from_its_tables(committed: Report) -> None:
    claim = committed.claims[1]
    probes = []
    for layer, title in TITLES.items():
        for row in columns(claim, f"{title[:1].upper()}{title[1:]}: share that a probe tells right"):
            linear, neighbor = (value(row[f"{kind}, true label"]) for kind in ("linear", "nearest neighbours"))
            epoch, reviews = int(str(row["epoch"])), int(str(row["reviews"]))
            probes.append(Probes(epoch, layer, reviews, linear, neighbor, None, None))
    alike(claim, separability.judge(probes, max(each.epoch for each in probes)))


def test_density_is_judged_again_from_its_table(committed: Report) -> None:
    claim = committed.claims[6]
    reviews = int(re.findall(r"maps of ([\d,]+) reviews", committed.about)[0].replace(",", ""))
    rows = columns(claim, "Rank correlation of local density")
    layers = list(TITLES)
    steps = [
        density.Step(int(str(row["epoch"])), one, other, value(row[density.named(one, other)]), reviews)
        for row in rows
        for one, other in pairwise(layers)
    ]
    alike(claim, density.judge(steps, layers, max(step.epoch for step in steps)))


def test_the_runs_behind_it_are_told(committed: Report) -> None:
    """No folder, no clock: a name, an accuracy and two hashes each."""
    names = [run.run for run in committed.runs]
    assert names == sorted(names)
    assert len(names) == 6
    for run in committed.runs:
        assert run.run in committed.about
        assert run.accuracy is not None
        assert all(re.fullmatch("[0-9a-f]{64}", found) for found in (run.config, run.tables))
    (own,) = [run for run in committed.runs if run.run == "paper"]
    assert own.accuracy == pytest.approx(value(columns(committed.claims[0], "Test accuracy")[-1]["share"]), abs=2e-6)
