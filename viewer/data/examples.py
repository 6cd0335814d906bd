"""Stored test examples as readings, by four questions to the store, and as the texts that they are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.data.words import spans
from pipeline.errors import InputError
from viewer.data import steps
from viewer.data.facts import Facts
from viewer.data.reading import Floats, Reading, Word, both
from viewer.data.source import Source

AMONG = "example IN (SELECT unnest(?::INTEGER[]))"
SAID = f"""
SELECT epoch, example, logit, probability, impact FROM impacts JOIN classes USING (run, class)
WHERE run = ? AND {AMONG} AND epoch IN (SELECT unnest(?::INTEGER[])) ORDER BY epoch, example, position, ordinal
"""
WEIGHTS = f"""
SELECT epoch, example, weight FROM attention
WHERE run = ? AND {AMONG} AND epoch IN (SELECT unnest(?::INTEGER[])) ORDER BY epoch, example, position
"""


def stored(source: Source, facts: Facts, example: int, epochs: Sequence[int] | None = None) -> Reading:
    """A test example as the store explains it, at `epochs` (all explained ones unless some are given).

    Raises InputError where it, or one of the epochs, is not explained.
    """
    return readings(source, facts, [example], epochs or facts.explained)[0]


def stored_many(source: Source, facts: Facts, examples: Sequence[int], epoch: int) -> list[Reading]:
    """The readings of several test examples at one epoch, in the order given."""
    return readings(source, facts, examples, [epoch])


def original(source: Source, facts: Facts, example: int) -> tuple[str, str]:
    """The whole text of a test example and its label, whether or not it is explained."""
    rows = source.frame("SELECT text, steps, label FROM examples WHERE run = ? AND example = ?", facts.run, example)
    if rows.empty:
        raise absent(facts, example)
    return text_of(rows.iloc[0]), str(rows["label"].iloc[0])


def is_tested(source: Source, facts: Facts, example: int) -> bool:
    """Whether the run holds a test example of this number."""
    return len(source.frame("SELECT 1 FROM examples WHERE run = ? AND example = ?", facts.run, example)) > 0


def text_of(row: Mapping[Any, Any]) -> str:
    """The text of a row of examples; of a sequence of numbers its lines."""
    numbers = numbers_of(row["steps"])
    return str(row["text"]) if numbers is None else steps.written(numbers)


def numbers_of(cell: Any) -> Floats | None:
    """A cell of the column steps as (T, channels) numbers; None where it holds nothing."""
    return np.array([list(step) for step in cell], dtype=np.float64) if isinstance(cell, np.ndarray | list) else None


def explained_among(source: Source, facts: Facts, examples: Sequence[int]) -> set[int]:
    """Those of the examples whose impacts are stored; InputError where none of any example are."""
    if not source.run(facts.run).has("impacts"):
        raise InputError(f"run {facts.run!r} has no impacts; build them: dvc repro, or python -m pipeline")
    rows = source.frame(
        f"SELECT DISTINCT example FROM impacts WHERE run = ? AND {AMONG} AND position = 0",
        facts.run,
        [int(example) for example in examples],
    )
    return {int(example) for example in rows["example"]}


def first(source: Source, facts: Facts) -> tuple[str, int] | None:
    """The first test example, on the maps if there are some, as (text, its number); None where there is none."""
    rows = source.frame(
        "SELECT example, text, steps FROM examples WHERE run = ? ORDER BY mapped DESC, example LIMIT 1", facts.run
    )
    return (text_of(rows.iloc[0]), int(rows["example"].iloc[0])) if len(rows) else None


def absent(facts: Facts, example: int) -> InputError:
    return InputError(f"run {facts.run!r} has no test example {example}; choose another")


def readings(source: Source, facts: Facts, examples: Sequence[int], epochs: Sequence[int]) -> list[Reading]:
    """Readings by four questions to the store, however many they are."""
    epochs = sorted(set(epochs))
    if missing := set(epochs) - set(facts.explained):
        raise InputError(
            f"run {facts.run!r} has no stored impacts of epoch {min(missing)}; "
            f"explained are {', '.join(map(str, facts.explained))}"
        )
    numbers = [int(example) for example in examples]
    texts = source.frame(
        f"SELECT example, text, steps, label, length FROM examples WHERE run = ? AND {AMONG}", facts.run, numbers
    )
    words = source.frame(
        f"SELECT example, start, stop, known FROM elements WHERE run = ? AND {AMONG} ORDER BY example, position",
        facts.run,
        numbers,
    )
    said = source.frame(SAID, facts.run, numbers, list(epochs))
    weights = source.frame(WEIGHTS, facts.run, numbers, list(epochs))
    by_example = {int(row["example"]): row for row in texts.to_dict("records")}
    words_of, said_of, weights_of = (
        {int(str(example)): part for example, part in frame.groupby("example")} for frame in (words, said, weights)
    )
    outputs = len(facts.outputs)
    found = []
    for number in numbers:
        if number not in by_example:
            raise absent(facts, number)
        row = by_example[number]
        if len(said_of.get(number, ())) != len(epochs) * (row["length"] + 1) * outputs:
            raise InputError(f"run {facts.run!r} has no stored impacts of example {number}; type its text instead")
        if len(words_of.get(number, ())) != row["length"]:
            raise InputError(f"run {facts.run!r} has no stored words of example {number}; build it again: dvc repro")
        found.append(reading(facts, row, words_of[number], said_of[number], weights_of.get(number), tuple(epochs)))
    return found


def reading(
    facts: Facts,
    row: Mapping[Any, Any],
    words: pd.DataFrame,
    said: pd.DataFrame,
    weights: pd.DataFrame | None,
    epochs: tuple[int, ...],
) -> Reading:
    """One example's reading from its rows of examples, elements (by position), impacts (by epoch, position, class) and
    attention (by epoch, position)."""
    text, length, numbers = text_of(row), len(words), numbers_of(row["steps"])
    if numbers is None:
        places = spans(text)
        known = words["known"].astype(bool).tolist()
    else:
        places, known = steps.lines(text), [True] * length
    elements = tuple(Word(start, stop, one) for (start, stop), one in zip(places, known, strict=False))
    unread = tuple(places[length:])
    probability, logit, impact = (
        said[name].to_numpy(dtype=np.float64, na_value=np.nan).reshape(len(epochs), length + 1, -1)
        for name in ("probability", "logit", "impact")
    )
    if len(facts.classes) == 2:
        probability, logit, impact = both(probability, logit, impact)
    return Reading(
        text=text,
        words=elements,
        unread=unread,
        epochs=epochs,
        probabilities=probability,
        logits=logit,
        impacts=impact,
        classes=facts.classes,
        positive=facts.positive,
        label=row["label"],
        example=int(row["example"]),
        notes=notes(elements, unread, facts.element),
        attention=None if weights is None else weights["weight"].to_numpy(np.float64).reshape(len(epochs), -1),
        steps=numbers,
    )


def notes(words: Sequence[Word], unread: Sequence[tuple[int, int]], element: str = "word") -> tuple[str, ...]:
    """What a person should be told about how a text was read, in plain sentences; usually nothing."""
    if not words:
        kind = "text" if element == "word" else "sequence"
        return (f"There is no {element} in this {kind}: the network has nothing to read.",)
    said = []
    if not any(word.known for word in words):
        said.append("The network knows none of these words: all of them are the same to it.")
    if unread:
        total = len(words) + len(unread)
        said.append(f"The network reads the first {len(words):,} of these {total:,} {element}s, not the rest.")
    return tuple(said)
