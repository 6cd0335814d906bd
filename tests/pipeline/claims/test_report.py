"""A report to JSON and back; what is no report is refused; its Markdown holds every number and no markup of a text."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from pipeline.claims.markdown import escaped, markdown
from pipeline.claims.report import Behind, Estimate, Part, Report, from_plain, plain
from pipeline.claims.verdicts import RULES
from tests.report import REPORT, changed


def test_there_and_back() -> None:
    assert from_plain(json.loads(json.dumps(plain(REPORT)))) == REPORT


def test_numbers_are_rounded_and_lose_a_minus_before_nothing() -> None:
    report = Report("", (changed(reading="x", parts=(part(1 / 3, -1e-9, 0.5),)),))
    assert plain(report)["claims"][0]["parts"][0]["found"] == {"value": 0.333333, "low": 0.0, "high": 0.5}
    assert str(plain(report)["claims"][0]["parts"][0]["found"]["low"]) == "0.0"


def test_a_number_that_is_none_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        plain(Report("", (changed(parts=(part(float("nan"), 0.0, 1.0),)),)))


def part(value: float, low: float, high: float) -> Part:
    return Part("so", "at least 0", "yes", "number", Estimate(value, low, high))


def damaged(change: Callable[[dict[str, Any]], None]) -> Any:
    values = json.loads(json.dumps(plain(REPORT)))
    change(values["claims"][0])
    return values


@pytest.mark.parametrize(
    "change",
    [
        lambda claim: claim.pop("reading"),
        lambda claim: claim.update(verdict="is true"),
        lambda claim: claim.update(number="3"),
        lambda claim: claim.update(title=None),
        lambda claim: claim.update(tables="none"),
        lambda claim: claim["tables"][0]["rows"][0].pop(),
        lambda claim: claim["tables"][0]["columns"][0].update(unit="apples"),
        lambda claim: claim["tables"][0]["rows"][0].__setitem__(1, True),
        lambda claim: claim["parts"][0].update(outcome="perhaps"),
        lambda claim: claim["parts"][0]["found"].update(value="much"),
        lambda claim: claim["charts"][0]["curves"][0]["points"][0].append(3),
        lambda claim: claim["charts"][0]["curves"][0]["points"].append([0.5, 1]),
    ],
)
def test_what_is_no_report_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_plain(damaged(change))


RUN = {"run": "a", "accuracy": None, "config": "1f", "tables": "2e"}


def test_a_report_from_before_its_runs_were_told_is_read() -> None:
    values = json.loads(json.dumps(plain(REPORT)))
    del values["runs"]
    assert from_plain(values) == Report(REPORT.about, REPORT.claims)
    assert "The runs behind" not in markdown(from_plain(values))
    assert from_plain(values | {"runs": [RUN]}).runs == (Behind("a", None, "1f", "2e"),)


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "text",
        {},
        {"about": "", "claims": [3]},
        {"about": 1, "claims": []},
        {"about": "", "claims": [], "runs": {}},
        {"about": "", "claims": [], "runs": ["a"]},
        {"about": "", "claims": [], "runs": [RUN | {"config": None}]},
        {"about": "", "claims": [], "runs": [RUN | {"accuracy": "much"}]},
    ],
)
def test_other_json_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_plain(values)


def test_markdown_holds_what_the_report_says() -> None:
    text = markdown(REPORT)
    for said in (
        "Checked on \\<b\\>made-up\\</b\\> numbers.",
        "| 3 | It is \\*so\\*. | **holds in part** |",
        "## 3. A title: holds in part",
        "> It is \\*so\\*.",
        "It is \\| so.",
        "| a share | 75.0 % (50.0 to 100.0) | at least 50.0 % | yes |",
        "| another | \N{EN DASH} | at most 0.50 | not tested |",
        "| word | places | share (%) |\n|---|---:|---:|\n| a\\|b | 1,200 | 25.0 |",
        "| c | \N{EN DASH} | 50.0 (25.0 to 75.0) |",
        "*How it was measured.* By hand.",
        "| one\\_run | 75.0 | 0123456789ab | ba9876543210 |",
        escaped(RULES),
    ):
        assert said in text


def test_every_table_has_as_many_cells_in_every_line() -> None:
    lines = [line.replace("\\|", "") for line in markdown(REPORT).splitlines()]
    for line, following in pairwise(lines):
        if line.startswith("|") and following.startswith("|"):
            assert line.count("|") == following.count("|")


def test_nothing_in_a_text_is_markup() -> None:
    assert escaped("`a` *b* [c](d) <e> | f\\") == "\\`a\\` \\*b\\* \\[c\\](d) \\<e\\> \\| f\\\\"
