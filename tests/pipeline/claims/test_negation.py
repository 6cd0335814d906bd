"""Claim 5: the committed pairs, networks made up to understand *not* or not, and numbers by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.claims import negation
from pipeline.claims.negation import Pairs, Read, impact_of
from pipeline.claims.pairs import Pair, pairs
from pipeline.claims.report import Estimate, Verdict
from pipeline.data.words import spans

COMMITTED = pairs()


def test_the_committed_pairs_differ_in_not_or_in_one_word() -> None:
    assert len({(pair.one, pair.other) for pair in COMMITTED}) == len(COMMITTED)
    for pair in COMMITTED:
        one, other = ([text[start:stop] for start, stop in spans(text)] for text in (pair.one, pair.other))
        if pair.kind == "neutral":
            assert len(one) == len(other)
            assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
            continue
        place = other.index("not")
        assert other[:place] + other[place + 1 :] == one
        assert other[place + 1] == pair.word
    kinds = [pair.kind for pair in COMMITTED]
    assert 60 <= len(kinds) - kinds.count("neutral") <= 75
    assert kinds.count("neutral") >= 20
    assert sum(pair.word == "boring" for pair in COMMITTED) >= 10
    words = {kind: {pair.word for pair in COMMITTED if pair.kind == kind} for kind in ("negative", "positive")}
    assert len(words["negative"]) == len(words["positive"]) == 10


def test_pairs_from_lines() -> None:
    lines = ["kind,frame,word,swapped for", 'positive,"So, it is {}.",good,not good', "neutral,A {}.,film,movie"]
    assert pairs(lines) == [
        Pair("positive", "good", "So, it is good.", "So, it is not good."),
        Pair("neutral", "film / movie", "A film.", "A movie."),
    ]
    assert [pair.right for pair in pairs(lines)] == [-1, 0]


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


def swayed(words: list[str]) -> float:
    """Understands *not boring*, and no other *not*."""
    return understands(words) if "boring" in words else counts(words)


def unsure(words: list[str]) -> float:
    """Positive after *not* in every other frame."""
    return 0.9 if "not" in words and len(words) % 2 else 0.1


def read(network: Network) -> dict[str, Read]:
    found = {}
    for text in {text for pair in COMMITTED for text in (pair.one, pair.other)}:
        words = tuple(text[start:stop] for start, stop in spans(text))
        after = [network([word.lower() for word in words[:count]]) for count in range(len(words) + 1)]
        found[text] = Read(words, np.array([np.full(len(after), 0.5), after]))
    return found


@pytest.mark.parametrize(
    ("network", "expected"),
    [(counts, "holds"), (understands, "does not hold"), (swayed, "holds in part"), (unsure, "undecided")],
)
def test_verdicts(network: Network, expected: Verdict) -> None:
    assert negation.judge(COMMITTED, read(network), [0, 5]).verdict == expected


def test_numbers_of_a_network_that_counts_words() -> None:
    claim = negation.judge(COMMITTED, read(counts), [0, 5])
    assert [part.outcome for part in claim.parts] == ["yes", "yes", "yes"]
    tables = {
        table.title: dict(zip([c.name for c in table.columns], table.rows[1], strict=True)) for table in claim.tables
    }
    negative, positive = tables["“not” before a negative word"], tables["“not” before a positive word"]
    neutral = tables["neutral swap"]

    def value(cell: object) -> float:
        assert isinstance(cell, Estimate)
        return cell.value

    assert value(negative["moved the right way"]) == 0
    assert value(negative["mean move the right way"]) == pytest.approx(-0.1)
    assert value(negative["called what it means, without “not”"]) == 1
    assert value(negative["with “not”"]) == 0
    assert value(positive["moved the right way"]) == 1
    assert value(positive["mean move the right way"]) == pytest.approx(0.1)
    assert value(positive["with “not”"]) == 0  # 0.7 is still positive
    assert value(neutral["mean move"]) == pytest.approx(0)
    assert value(neutral["called the same"]) == 1
    assert value(tables["Sentences with “boring”, with and without “not”"]["“boring” moves most"]) == 1
    assert "as it is read, by \N{MINUS SIGN}10.0 points" in claim.reading
    assert [len(chart.curves) for chart in claim.charts] == [3, 3]


def test_moves_by_hand() -> None:
    one, other = np.array([[0.5, 0.2], [0.5, 0.6]]), np.array([[0.5, 0.7], [0.5, 0.3]])
    raised, lowered, swapped = (Pairs(right, one, other) for right in (1, -1, 0))
    np.testing.assert_allclose(raised.moves[:, 1], [0.5, -0.3])
    np.testing.assert_allclose(lowered.moves[:, 1], [-0.5, 0.3])
    np.testing.assert_allclose(swapped.moves[:, 1], [0.5, 0.3])

    def shares(kind: Pairs) -> list[float]:
        found = (kind.moved_right(1), kind.starts_right(1), kind.ends_right(1))
        return [each.value for each in found if each is not None]

    assert shares(raised) == [0.5, 0.5, 0.5]  # meant negative: 0.2 is; meant positive: 0.7 is
    assert shares(lowered) == [0.5, 0.5, 0.5]
    assert swapped.ends_right(1) is not None
    assert shares(Pairs(1, one[:1], other[:1])) == [1.0, 1.0, 1.0]
    assert shares(Pairs(0, one, other))[2] == 0.0
    assert shares(Pairs(1, one, one))[0] == 0.0, "no move is no move the right way"


def test_impacts_of_a_sentence() -> None:
    one = Read(("It", "is", "not", "Boring"), np.array([[0.5, 0.5, 0.45, 0.4, 0.2]]))
    np.testing.assert_allclose(one.impacts[0], [0, -0.05, -0.05, -0.2])
    assert one.strongest(0) == "boring"
    np.testing.assert_allclose(impact_of("not", one), [[-0.05]])
