"""Claim 5: the committed pairs, networks made up to understand *not* or not, and numbers by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.claims import intervals, negation
from pipeline.claims.pairs import Pair, pairs
from pipeline.claims.read import Read
from pipeline.claims.report import Cell, Claim, Estimate, Outcome, Verdict
from pipeline.data.words import spans

COMMITTED = pairs()


def test_the_committed_pairs_differ_in_not_or_in_one_word() -> None:
    assert len({(pair.one, pair.other) for pair in COMMITTED}) == len(COMMITTED)
    for pair in COMMITTED:
        one, other = ([text[start:stop] for start, stop in spans(text)] for text in (pair.one, pair.other))
        if pair.kind in ("neutral", "baseline"):
            assert len(one) == len(other)
            assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
            continue
        place = other.index("not")
        assert other[:place] + other[place + 1 :] == one
        assert other[place + 1] == pair.word
    kinds = [pair.kind for pair in COMMITTED]
    assert 60 <= kinds.count("negative") + kinds.count("positive") <= 75
    assert kinds.count("neutral") >= 20
    assert sum(pair.word == "boring" for pair in COMMITTED) >= 10
    words = {kind: {pair.word for pair in COMMITTED if pair.kind == kind} for kind in ("negative", "positive")}
    assert len(words["negative"]) == len(words["positive"]) == 10


def test_the_baseline_has_a_neutral_word_in_every_sentence_with_boring() -> None:
    baseline = [pair for pair in COMMITTED if pair.kind == "baseline"]
    assert [pair.other for pair in baseline] == [pair.one for pair in COMMITTED if pair.word == "boring"]
    assert all(pair.word in pair.one and pair.right == -1 for pair in baseline)
    valued = {pair.word for pair in COMMITTED if pair.kind in ("negative", "positive")}
    assert not valued & {pair.word for pair in baseline}
    assert len({pair.word for pair in baseline}) > 4


def test_pairs_from_lines() -> None:
    lines = ["kind,frame,word,swapped for", 'positive,"So, it is {}.",good,not good', "neutral,A {}.,film,movie"]
    lines.append("baseline,It is {}.,new,dull")
    assert pairs(lines) == [
        Pair("positive", "good", "So, it is good.", "So, it is not good."),
        Pair("neutral", "film / movie", "A film.", "A movie."),
        Pair("baseline", "new", "It is new.", "It is dull."),
    ]
    assert [pair.right for pair in pairs(lines)] == [-1, 0, -1]


GOOD, BAD = ({pair.word for pair in COMMITTED if pair.kind == kind} for kind in ("positive", "negative"))
Network = Callable[[list[str]], float]


def understands(words: list[str]) -> float:
    """The probability of positive as a reader would have it."""
    turned = -1 if "not" in words else 1
    return 0.5 + 0.4 * turned * (any(word in GOOD for word in words) - any(word in BAD for word in words))


def counts(words: list[str]) -> float:
    """A sum of words, in which *not* is but one more negative word."""
    return (
        0.5 + 0.3 * (any(word in GOOD for word in words) - any(word in BAD for word in words)) - 0.1 * ("not" in words)
    )


def nearly(words: list[str]) -> float:
    """Every *not* raises the probability far, but never as far as one half: 0.05 to 0.45."""
    if any(word in BAD for word in words):
        return 0.45 if "not" in words else 0.05
    return counts(words)


def gloomy(words: list[str]) -> float:
    """Calls everything negative and hardly heeds a word but the first: as if untrained."""
    return 0.4 + 0.001 * len(words) + 0.01 * bool(words)


def swayed(words: list[str]) -> float:
    """Understands *not boring*, and no other *not*."""
    return understands(words) if "boring" in words else counts(words)


def fickle(words: list[str]) -> float:
    """Counts words, and minds whether their letters are odd."""
    return counts(words) + 0.4 * (sum(map(len, words)) % 2)


def unsure(words: list[str]) -> float:
    """Much by the number of words, nothing for *boring* or *not* alone."""
    return 0.9 if "not" in words and len(words) % 2 else 0.1


def read(network: Network) -> dict[str, Read]:
    found = {}
    for text in {text for pair in COMMITTED for text in (pair.one, pair.other)}:
        words = tuple(text[start:stop] for start, stop in spans(text))
        after = [network([word.lower() for word in words[:count]]) for count in range(len(words) + 1)]
        found[text] = Read(words, np.array([np.full(len(after), 0.5), after]))
    return found


# Decided without and with "not", far from a neutral word; "not boring" up how often and far; any "not" too; swaps.
COUNTS: tuple[Outcome, ...] = ("yes", "yes", "yes", "yes", "yes", "yes", "yes", "yes")


@pytest.mark.parametrize(
    ("network", "outcomes", "expected"),
    [
        (counts, COUNTS, "holds"),
        (understands, ("yes", "no", "yes", "no", "no", "no", "no", "yes"), "holds in part"),
        (nearly, ("yes", "no", "yes", "no", "no", "no", "no", "yes"), "holds in part"),
        (swayed, ("yes", "no", "yes", "no", "no", "yes", "undecided", "yes"), "holds in part"),
        (gloomy, ("no", "no", "no", "no", "yes", "no", "yes", "yes"), "holds in part"),
    ],
)
def test_verdicts(network: Network, outcomes: tuple[Outcome, ...], expected: Verdict) -> None:
    claim = negation.judge(COMMITTED, read(network), [0, 5])
    assert tuple(part.outcome for part in claim.parts) == outcomes
    assert claim.verdict == expected


def test_a_neutral_swap_that_moves_counts_against_alone() -> None:
    claim = negation.judge(COMMITTED, read(fickle), [0, 5])
    swaps = [abs(fickle(split(pair.other)) - fickle(split(pair.one))) for pair in COMMITTED if pair.kind == "neutral"]
    assert claim.parts[-1].outcome == "no"
    assert claim.parts[-1].found is not None
    assert claim.parts[-1].found.value == pytest.approx(np.mean(swaps))


def test_every_share_is_of_so_many_pairs() -> None:
    """Wilson's interval of n sentences knows n: the twelve pairs count as twelve, with and without *not* apart."""
    claim = negation.judge(COMMITTED, read(unsure), [0, 5])
    boring, negative = ([pair for pair in COMMITTED if wanted(pair)] for wanted in (is_boring, is_negative))
    raised = sum(unsure(split(pair.other)) > unsure(split(pair.one)) for pair in boring)
    assert 0 < raised < len(boring) == 12
    assert claim.parts[3].found == intervals.share(raised, 12)
    every = sum(unsure(split(pair.other)) > unsure(split(pair.one)) for pair in negative)
    assert claim.parts[5].found == intervals.share(every, len(negative))
    assert claim.parts[0].found == intervals.share(0, 12)
    for table in claim.tables[:5]:
        assert [row[1] for row in table.rows] == [12, 12]


def is_boring(pair: Pair) -> bool:
    return pair.word == "boring"


def is_negative(pair: Pair) -> bool:
    return pair.kind == "negative"


def split(text: str) -> list[str]:
    return [text[start:stop].lower() for start, stop in spans(text)]


def last_rows(claim: Claim) -> dict[str, dict[str, Cell]]:
    """The rows of the last epoch by the title of their table."""
    return {
        table.title: dict(zip([column.name for column in table.columns], table.rows[1], strict=True))
        for table in claim.tables
    }


def value(cell: Cell) -> float:
    assert isinstance(cell, Estimate)
    return cell.value


def test_numbers_of_a_network_that_counts_words() -> None:
    claim = negation.judge(COMMITTED, read(counts), [0, 5])
    rows = last_rows(claim)
    negative, positive = rows["“not” before a negative word"], rows["“not” before a positive word"]
    neutral, replaced = rows["neutral swap"], rows["“boring” in place of a neutral word"]
    assert value(negative["moved the right way"]) == 0
    assert value(negative["mean move the right way"]) == pytest.approx(-0.1)
    assert value(negative["called what it means, without “not”"]) == 1
    assert value(negative["with “not”"]) == 0
    assert value(positive["moved the right way"]) == 1
    assert value(positive["mean move the right way"]) == pytest.approx(0.1)
    assert value(positive["with “not”"]) == 0  # 0.7 is still positive
    assert value(neutral["mean move"]) == pytest.approx(0)
    assert value(neutral["called the same"]) == 1
    assert value(replaced["moved down"]) == 1
    assert value(replaced["mean move down"]) == pytest.approx(0.3)
    assert value(rows["Sentences with “boring”"]["both"]) == 1
    assert value(rows["Sentences with “not boring”"]["the word moves most"]) == 1
    assert value(rows["The same with a neutral word"]["called negative"]) == 0
    assert "as it is read, by \N{MINUS SIGN}10.0 points" in claim.reading
    assert (
        "In place of a neutral word it moves the probability of positive by \N{MINUS SIGN}30.0 points" in claim.reading
    )
    assert [len(chart.curves) for chart in claim.charts] == [2, 4]
    assert [chart.curves[0].points for chart in claim.charts] == [
        ((0, 0.0), (5, 0.0)),
        ((0, 0.0), (5, pytest.approx(-0.1))),
    ]
