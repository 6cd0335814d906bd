"""Claims as HTML and charts: every verdict with its sign and word, text as text, values in the unit of their axis."""

from typing import get_args

import pandas as pd
import pytest

from pipeline.claims.report import Chart, Curve, Outcome, Verdict
from tests.report import REPORT, changed
from viewer.data.claims import Compared, State
from viewer.plots import claims as plots
from viewer.plots.colors import colors


def test_every_verdict_and_outcome_has_a_sign_of_its_own() -> None:
    assert tuple(plots.VERDICTS) == get_args(Verdict)
    assert tuple(plots.OUTCOMES) == get_args(Outcome)
    assert len({*plots.VERDICTS.values()}) == 5
    assert plots.verdict("does not hold") == "<span class='verdict does-not-hold'>✗ does not hold</span>"


def test_what_is_said_of_a_claim() -> None:
    (claim,) = REPORT.claims
    assert plots.title(claim) == f"3. A title {plots.verdict('holds in part')}"
    told = plots.told(claim)
    assert "<blockquote>It is *so*.</blockquote>" in told
    assert "<td>75.0 % (50.0 to 100.0)</td><td>at least 50.0 %</td><td>✓ yes</td>" in told
    assert "<td>\N{EN DASH}</td><td>at most 0.50</td><td>○ not tested</td>" in told
    numbers = plots.numbers(claim)
    assert "<th scope='col'>word</th><th scope='col' class='number'>places</th>" in numbers
    assert "<td>a|b</td><td class='number'>1,200</td><td class='number'>25.0</td>" in numbers
    assert "By hand." in numbers
    assert f"<td>{plots.verdict('holds in part')}</td>" in plots.summary(REPORT)


def test_the_runs_behind_it() -> None:
    here, absent = Compared("a", "here", 0.5, 0.5), Compared("<b>", "absent", 0.5)
    changed, damaged = Compared("c", "other numbers", 0.5, 0.75), Compared("d", "unreadable", None)
    assert plots.behind([here, here], "make it") == "All runs behind these numbers are in this store: a and a."
    assert plots.behind([here, absent, changed, damaged], "make it") == (
        "The runs behind these numbers. In this store as they were: a. Not in this store: &lt;b&gt;. Here with other "
        "numbers: c (test accuracy 75.0 %, then 50.0 %). Here, and cannot be read: d. <code>make it</code> builds "
        "those that are missing and checks the claims on the runs of this store."
    )
    assert "<code>make it</code> writes them anew" in plots.behind([], "make it")
    assert tuple(plots.STATES) == get_args(State)


def test_text_is_text() -> None:
    bad = "<script>alert(1)</script>"
    claim = changed(title=bad, sentence=bad, reading=bad, measured=bad)
    for html in (plots.title(claim), plots.told(claim), plots.numbers(claim)):
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_a_claim_without_tables_or_statements() -> None:
    claim = changed(tables=(), parts=())
    assert "All numbers" not in plots.numbers(claim)
    assert "<table>" not in plots.told(claim)


@pytest.mark.parametrize(("unit", "factor"), [("percent", 100), ("points", 100), ("number", 1)])
def test_a_chart_is_in_the_unit_of_its_axis(unit: str, factor: int) -> None:
    made = Chart("", "the axis", unit, (Curve("a", ((0, 0.25), (2, 0.5))), Curve("none", ())))  # type: ignore[arg-type]
    drawn = plots.chart(made, colors("paper", "light"))
    (curve,) = [each for each in drawn if type(each).__name__ == "Curve"]
    pd.testing.assert_series_equal(
        curve.data["value"], pd.Series([0.25 * factor, 0.5 * factor], name="value"), check_exact=True
    )
    assert list(curve.data["epoch"]) == [0, 2]
