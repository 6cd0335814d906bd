"""A report made by hand, with all that a report can hold."""

from typing import Any

from pipeline.claims.report import Behind, Chart, Claim, Column, Curve, Estimate, Part, Report, Table

REPORT = Report(
    "Checked on <b>made-up</b> numbers.",
    (
        Claim(
            3,
            "A title",
            "It is *so*.",
            "holds in part",
            "It is | so.",
            (
                Part("a share", "at least 50.0 %", "yes", "percent", Estimate(0.75, 0.5, 1.0)),
                Part("another", "at most 0.50", "not tested", "number", None),
            ),
            (
                Table(
                    "Shares",
                    (Column("word"), Column("places", "count"), Column("share", "percent")),
                    (("a|b", 1200, Estimate(0.25)), ("c", None, Estimate(0.5, 0.25, 0.75))),
                ),
            ),
            (Chart("Over the epochs", "share (%)", "percent", (Curve("a", ((0, 0.5), (1, 0.75))),)),),
            "By hand.",
        ),
    ),
    (Behind("one_run", 0.75, "0123456789abcdef", "ba9876543210fedc"),),
)


def changed(**values: Any) -> Claim:
    (one,) = REPORT.claims
    return Claim(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, **values})
