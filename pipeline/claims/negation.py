"""Claim 5: *boring* alone decides, and *not boring* is not understood."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pipeline.claims import intervals
from pipeline.claims.pairs import Pair
from pipeline.claims.read import Pairs, Read, Sentences, gathered
from pipeline.claims.report import Chart, Claim, Column, Curve, Estimate, Part, Table, Unit
from pipeline.claims.verdicts import at_least, at_most, verdict
from pipeline.claims.words import written

WORD = "boring"
DECIDES = 0.75  # of the sentences with the word: more than chance, though there are few
FAR = 0.25  # half of the way from the boundary to certainty: what a word must move that decides alone
UNDERSTOOD = 0.5  # of the pairs: more often than not
HARDLY = 0.05  # of the probability: up to here a word hardly moves it
KINDS = {
    "negative": "“not” before a negative word",
    "positive": "“not” before a positive word",
    "neutral": "neutral swap",
}
BASELINE = f"“{WORD}” in place of a neutral word"
# Short enough for the end of a curve.
CURVES = {
    "negative": "“not” + negative",
    "positive": "“not” + positive",
    "neutral": "neutral swap",
    "baseline": f"“{WORD}” put in",
}


def judge(pairs: Sequence[Pair], read: Mapping[str, Read], epochs: Sequence[int]) -> Claim:
    """pairs: all of the file; read: every sentence of theirs; epochs: the checkpoints, in order."""
    kinds = {kind: gathered([pair for pair in pairs if pair.kind == kind], read) for kind in KINDS}
    own = [pair for pair in pairs if pair.word == WORD]
    replaced = [pair for pair in pairs if pair.kind == "baseline"]
    boring, baseline = gathered(own, read), gathered(replaced, read)
    sentences = {
        f"Sentences with “{WORD}”": asked([pair.one for pair in own], [WORD] * len(own), read),
        f"Sentences with “not {WORD}”": asked([pair.other for pair in own], [WORD] * len(own), read),
        "The same with a neutral word": asked([pair.one for pair in replaced], [pair.word for pair in replaced], read),
    }
    last = len(epochs) - 1
    parts = statements(sentences, boring, baseline, kinds, last)
    alone = np.concatenate(
        [read[pair.other].impact_of("not") for pair in pairs if pair.kind in ("negative", "positive")]
    )
    moving = kinds | {"baseline": baseline}
    return Claim(
        number=5,
        title="Negation",
        sentence=f"“{WORD.capitalize()}” alone decides a sentence, and “not {WORD}” is not understood.",
        verdict=verdict(parts),
        reading=reading(parts, kinds, intervals.mean(alone[:, last]), epochs[-1], last),
        parts=parts,
        tables=(
            *(counted(title, each, epochs) for title, each in sentences.items()),
            replacements(baseline, epochs),
            table(f"“not” before “{WORD}”", boring, epochs),
            *(table(title, kinds[kind], epochs) for kind, title in KINDS.items()),
        ),
        charts=(
            chart(
                "Moved the right way", "Moved the right way (%)", negated(kinds), epochs, Pairs.moved_right, "percent"
            ),
            chart("How far it moves", "Mean move, right way (points)", moving, epochs, Pairs.moved, "points"),
        ),
        measured=measured(pairs),
    )


def statements(
    sentences: Mapping[str, Sentences], boring: Pairs, baseline: Pairs, kinds: Mapping[str, Pairs], last: int
) -> tuple[Part, ...]:
    """What decides, at the `last`-th checkpoint."""
    found = [
        at_least(f"{title} that are called negative and in which “{WORD}” moves most", each.decided(last), DECIDES)
        for title, each in list(sentences.items())[:2]
    ]
    found.append(at_least(f"How far {BASELINE} lowers the probability", baseline.moved(last), FAR, "points"))
    for before, its in ((f"“{WORD}”", boring), ("any negative word", kinds["negative"])):
        found += [
            at_most(
                f"Pairs in which “not” before {before} moves the probability up", its.moved_right(last), UNDERSTOOD
            ),
            at_most(f"How far “not” before {before} moves it up", its.moved(last), HARDLY, "points"),
        ]
    swaps = kinds["neutral"].moved(last)
    return (*found, at_most("How far a neutral swap moves it, up or down", swaps, HARDLY, "size"))


def asked(texts: Sequence[str], words: Sequence[str], read: Mapping[str, Read]) -> Sentences:
    return Sentences(tuple(read[text] for text in texts), tuple(words))


def negated(kinds: Mapping[str, Pairs]) -> dict[str, Pairs]:
    return {kind: pairs for kind, pairs in kinds.items() if pairs.right}


def measured(pairs: Sequence[Pair]) -> str:
    counts = {kind: sum(pair.kind == kind for pair in pairs) for kind in (*KINDS, "baseline")}
    words = {pair.word for pair in pairs if pair.kind in ("negative", "positive")}
    return (
        f"{counts['negative'] + counts['positive']} pairs of sentences with and without “not” before one of "
        f"{len(words)} words, {counts['neutral']} swaps of one neutral word for another, and {counts['baseline']} of "
        f"the sentences with “{WORD}” with a neutral word in its place, written for this test "
        "(pipeline/claims/pairs.csv) and read by the network of every epoch. The right way is up where “not” stands "
        f"before a negative word, down before a positive one and where “{WORD}” takes the place of a neutral word; a "
        f"neutral swap should not move the probability at all. “{WORD.capitalize()}” decides alone if it moves most "
        "where the sentence is called negative, if in place of a neutral word it lowers the probability far (at least "
        f"{written(FAR, 'points')}), and if neutral words hardly matter (at most {written(HARDLY, 'size')}). “Not” is "
        f"not understood if it does not move the probability up more often than not, nor further than "
        f"{written(HARDLY, 'size')}. Where “not” stands before a positive word is told and not counted: down is the "
        "right way there, and also where “not” is but one more negative word. A sentence is called positive from one "
        "half on. Shares have Wilson's intervals, means Student's; the pairs share words and frames, so the intervals "
        "are somewhat too narrow. The network learned from long reviews: such short sentences are not what it is best "
        "at, as the sentences without “not” show."
    )


def reading(parts: Sequence[Part], kinds: Mapping[str, Pairs], alone: Estimate | None, epoch: int, last: int) -> str:
    with_it, with_not, replaced, often, far, any_often, any_far, swapped = (part.found for part in parts)
    positive = kinds["positive"]
    return (
        f"At epoch {epoch} “{WORD}” moves most and the sentence is called negative in {written(with_it, 'percent')} of "
        f"the sentences with it, and in {written(with_not, 'percent')} of those with “not {WORD}”. In place of a "
        f"neutral word it moves the probability of positive by {written(turned(replaced), 'points')}. “Not” before it "
        f"moves the probability up, as it should, in {written(often, 'percent')} of the pairs, on average by "
        f"{written(far, 'points')}; before any of the negative words in {written(any_often, 'percent')}, by "
        f"{written(any_far, 'points')}. Before positive words it moves it down, as it should, in "
        f"{written(positive.moved_right(last), 'percent')}, by {written(turned(positive.moved(last)), 'points')}; that "
        f"needs no understanding where “not” by itself lowers the probability: as it is read, by "
        f"{written(alone, 'points')}. A neutral swap, which should not move the probability at all, moves it by "
        f"{written(swapped, 'size')} on average."
    )


def turned(found: Estimate | None) -> Estimate | None:
    """A move the right way, which is down, as the change of the probability."""
    return found and found.times(-1)


def table(title: str, pairs: Pairs, epochs: Sequence[int]) -> Table:
    """One kind of pair at every epoch."""
    heads = [Column("epoch", "count"), Column("pairs", "count")]
    if pairs.right:
        heads += [Column("moved the right way", "percent"), Column("mean move the right way", "points")]
        heads += [Column("called what it means, without “not”", "percent"), Column("with “not”", "percent")]
    else:
        heads += [Column("mean move", "size"), Column("called the same", "percent")]
    rows = []
    for place, epoch in enumerate(epochs):
        if pairs.right:
            cells = [pairs.moved_right(place), pairs.moved(place), pairs.starts_right(place), pairs.ends_right(place)]
        else:
            cells = [pairs.moved(place), pairs.ends_right(place)]
        rows.append((epoch, len(pairs.moves), *cells))
    return Table(title, tuple(heads), tuple(rows))


def replacements(baseline: Pairs, epochs: Sequence[int]) -> Table:
    """What the word does in place of a neutral one, at every epoch."""
    heads = (
        Column("epoch", "count"), Column("pairs", "count"), Column("moved down", "percent"),
        Column("mean move down", "points"),
    )  # fmt: skip
    rows = tuple(
        (epoch, len(baseline.moves), baseline.moved_right(place), baseline.moved(place))
        for place, epoch in enumerate(epochs)
    )
    return Table(BASELINE, heads, rows)


def counted(title: str, sentences: Sentences, epochs: Sequence[int]) -> Table:
    """In how many of the sentences the word in question moves most, and how many are called negative."""
    heads = (
        Column("epoch", "count"), Column("sentences", "count"), Column("the word moves most", "percent"),
        Column("called negative", "percent"), Column("both", "percent"),
    )  # fmt: skip
    rows = tuple(
        (
            epoch, len(sentences.read), sentences.moves_most(place), sentences.called_negative(place),
            sentences.decided(place),
        )
        for place, epoch in enumerate(epochs)
    )  # fmt: skip
    return Table(title, heads, rows)


def chart(
    title: str, label: str, kinds: Mapping[str, Pairs], epochs: Sequence[int],
    measure: Callable[[Pairs, int], Estimate | None], unit: Unit,
) -> Chart:  # fmt: skip
    curves = []
    for kind, pairs in kinds.items():
        found = [(epoch, measure(pairs, place)) for place, epoch in enumerate(epochs)]
        points = tuple((epoch, each.value) for epoch, each in found if each is not None)
        curves.append(Curve(CURVES[kind], points))
    return Chart(title, label, unit, tuple(curves))
