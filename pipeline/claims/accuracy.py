"""Claim 1: the network is right on 80 % of the test reviews."""

from collections.abc import Mapping

from pipeline.claims import intervals
from pipeline.claims.report import Claim, Column, Table
from pipeline.claims.verdicts import at_least, verdict
from pipeline.claims.words import written

PAPERS = 0.8


def judge(right: Mapping[int, tuple[int, int]], last: int) -> Claim:
    """right: {epoch: (test reviews predicted right, of how many)}; last: the last epoch, which decides."""
    found = {epoch: intervals.share(count, of) for epoch, (count, of) in sorted(right.items())}
    part = at_least(f"Share of test reviews predicted right at epoch {last}", found.get(last), PAPERS)
    first = next((epoch for epoch, each in found.items() if each is not None and each.value >= PAPERS), None)
    reading = f"Not tested: the store holds no predictions of epoch {last}."
    if last in found:
        reading = (
            f"At epoch {last} the network is right on {written(found[last], 'percent')} of {right[last][1]:,} test "
            f"reviews; the paper reports {100 * PAPERS:.0f} %."
        )
    if first is not None:
        reading += f" Epoch {first} is the first that reaches the paper's share."
    rows = tuple((epoch, *right[epoch], found[epoch]) for epoch in found)
    columns = (Column("epoch", "count"), Column("right", "count"), Column("of", "count"), Column("share", "percent"))
    return Claim(
        number=1,
        title="Accuracy",
        sentence=f"The network predicts {100 * PAPERS:.0f} % of the test reviews right.",
        verdict=verdict([part]),
        reading=reading,
        parts=(part,),
        tables=(Table("Test accuracy", columns, rows),),
        charts=(),
        measured=(
            "Every test review, the whole test split of the corpus; a review counts as positive from a probability of "
            "one half on. The interval is Wilson's. The claim is read as: at least the paper's share. The paper does "
            "not say on how many reviews it trained; this run learns from the whole training split."
        ),
    )
