"""Rules to verdicts, each to every outcome."""

from itertools import product
from typing import get_args

import pytest

from pipeline.claims.report import Estimate, Outcome, Part, Verdict
from pipeline.claims.verdicts import RULES, at_least, at_most, verdict


@pytest.mark.parametrize(
    ("found", "least", "most"),
    [
        (Estimate(0.7, 0.6, 0.8), "yes", "no"),
        (Estimate(0.5, 0.5, 0.5), "yes", "yes"),
        (Estimate(0.5, 0.4, 0.6), "undecided", "undecided"),
        (Estimate(0.5, 0.5, 0.6), "yes", "undecided"),
        (Estimate(0.5, 0.4, 0.5), "undecided", "yes"),
        (Estimate(0.3, 0.2, 0.4), "no", "yes"),
        (Estimate(0.7), "yes", "no"),
        (Estimate(0.3), "no", "yes"),
        (None, "not tested", "not tested"),
    ],
)
def test_an_interval_and_a_bound(found: Estimate | None, least: Outcome, most: Outcome) -> None:
    assert at_least("a share", found, 0.5).outcome == least
    assert at_most("a share", found, 0.5).outcome == most


def test_the_rule_is_said() -> None:
    assert at_least("a share", None, 0.8).rule == "at least 80.0 %"
    assert at_most("a number", None, 0.5, "number").rule == "at most 0.50"
    assert at_least("a difference", None, -0.01, "points").rule == "at least \N{MINUS SIGN}1.0 points"


def parts(outcomes: list[Outcome]) -> list[Part]:
    return [Part("so", "at least 1", outcome, "number", None) for outcome in outcomes]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["yes", "yes"], "holds"),
        (["no", "no"], "does not hold"),
        (["yes", "no"], "holds in part"),
        (["yes", "undecided"], "holds in part"),
        (["no", "undecided"], "undecided"),
        (["undecided"], "undecided"),
        (["yes", "not tested"], "not tested"),
        (["no", "not tested"], "not tested"),
        ([], "not tested"),
    ],
)
def test_parts_make_a_verdict(outcomes: list[Outcome], expected: Verdict) -> None:
    assert verdict(parts(outcomes)) == expected


def by_the_words(outcomes: tuple[Outcome, ...]) -> Verdict:
    """RULES, clause by clause, in another order than the code has."""
    so, not_so = [each == "yes" for each in outcomes], [each == "no" for each in outcomes]
    if any(each == "not tested" for each in outcomes):
        return "not tested"
    if not any(so) and not all(not_so):
        return "undecided"
    if all(not_so):
        return "does not hold"
    return "holds" if all(so) else "holds in part"


def test_the_verdict_is_what_the_words_say() -> None:
    for outcomes in product(get_args(Outcome), repeat=3):
        assert verdict(parts(list(outcomes))) == by_the_words(outcomes), outcomes
    for each in (*get_args(Verdict), *get_args(Outcome)):
        word = {"yes": "found to be so", "no": "not to be so", "holds": "A claim holds if all"}.get(each, each)
        assert word in RULES, each
