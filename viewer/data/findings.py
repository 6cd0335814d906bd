"""Three things worth seeing in a run, said with the run's own numbers, each with the view that shows it."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from pipeline.errors import InputError
from viewer.data import conditions, selected, training
from viewer.data.facts import Facts
from viewer.data.reading import Reading
from viewer.data.source import Source
from viewer.kept import Kept
from viewer.numbers import signed

_mistakes: Kept[Hashable, "Finding | None"] = Kept(8)
PLAIN, NEGATED = "This movie is boring", "This movie is not boring"


@dataclass(frozen=True)
class Finding:
    """A sentence, and the parameters of the state under which it can be seen."""

    text: str
    view: dict[str, object]


def negation(facts: Facts, plain: Reading, negated: Reading) -> Finding:
    """What the word *boring* does at the last epoch, with and without *not* before it.

    plain, negated: readings of PLAIN and NEGATED, whose last word is *boring*.
    """
    asked = plain.positive
    if plain.many:  # the class that it pulls towards, alone
        asked = plain.classes[int(plain.impacts[-1, -1].argmax())]
    alone, after_not = (100 * float(reading.of(reading.impacts, asked)[-1, -1]) for reading in (plain, negated))
    return Finding(
        f"In “{plain.text}”, “boring” moves {asked.upper()} by {signed(alone, 1)} points; "
        f"in “{negated.text}” by {signed(after_not, 1)}",
        {
            "page": "words", "view": "compare", "text": plain.text, "second": negated.text, "epoch": facts.last,
            "example": None, "about": asked if plain.many else "", "measure": "probability", "checkpoints": [],
        },
    )  # fmt: skip


def mistakes(source: Source, facts: Facts) -> Finding | None:
    """Where the wrong predictions lie: how near to each other in the first layer and in the last. Kept until the files
    change: every new session asks."""
    tables, key = ("predictions", "mapped", "vectors", "examples"), (facts.layers, facts.last)
    return source.once(_mistakes, facts.run, tables, key, lambda: _find_mistakes(source, facts))


def _find_mistakes(source: Source, facts: Facts) -> Finding | None:
    wrong = conditions.select(source, facts, "wrong", facts.last)
    if len(wrong.examples) < 2 or len(facts.layers) < 2:
        return None
    ratio = selected.spread(source, facts, wrong.examples, facts.last)
    first, last = facts.layers[0], facts.layers[-1]
    if not np.isfinite([ratio[first.name], ratio[last.name]]).all():  # no distances: no vectors, or all in one place
        return None
    return Finding(
        f"The {len(wrong.examples)} wrong predictions lie {ratio[first.name]:.2f} times as far apart as all "
        f"{facts.noun}s in “{first.title}”, {ratio[last.name]:.2f} times in “{last.title}”",
        {"page": "layers", "selection": wrong, "epoch": facts.last},
    )


def learning(source: Source, facts: Facts) -> Finding | None:
    """The epoch that added most test accuracy, where one added half a percent or so."""
    scores = training.metrics(source, facts)
    accuracy = scores[(scores["split"] == "test") & (scores["metric"] == "accuracy")].sort_values("epoch")
    if len(accuracy) < 2:
        return None
    values, epochs = accuracy["value"].to_numpy(), accuracy["epoch"].to_numpy()
    if not np.diff(values).max() > 0:
        return None
    most = int(np.argmax(np.diff(values))) + 1
    before, after = (f"{100 * value:.0f} %" for value in values[most - 1 : most + 1])
    if before == after:
        return None
    return Finding(
        f"Epoch {epochs[most]} taught most: {before} of the test {facts.noun}s were right before it, {after} after it",
        {"page": "training", "epoch": int(epochs[most])},
    )


def findings(source: Source, facts: Facts, *read: Reading) -> list[Finding]:
    """Those that the run has the tables for. read: PLAIN and NEGATED, of a run that reads words; else none."""
    found: list[Finding | None] = [negation(facts, *read)] if read else []
    for ask in (mistakes, learning):
        try:
            found.append(ask(source, facts))
        except InputError:
            continue  # a table is missing: nothing to find in it
    return [finding for finding in found if finding is not None]
