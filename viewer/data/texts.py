"""Stored examples as readings, found by what they hold or how they were predicted; words' counts; the sentences
corpus."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipeline.data import tables
from pipeline.data.words import UNKNOWN, normal, spans
from pipeline.errors import InputError
from viewer.data import steps
from viewer.data.facts import Facts
from viewer.data.reading import Floats, Reading, Word, both
from viewer.data.source import Source

Order = Literal["", "most sure", "least sure", "random"]
ORDERS: dict[str, str] = {
    "": "example",
    "most sure": "confidence DESC, example",
    "least sure": "confidence, example",
    "random": "md5(concat(?::VARCHAR, ' ', example)), example",  # DuckDB's own random order differs between threads
}
SNIPPET = 120  # characters
LONGEST_PHRASE = 8  # words; each costs a pass over the elements
MARKUP = r"<br\s*/?>"


@dataclass(frozen=True)
class Filter:
    """Which test examples; what is empty does not restrict.

    label, predicted: classes; wrong: prediction and label differ; order: of the rows, by row number unless given;
    word: a word, or several that follow one another, in any case; flipped: two epochs whose predictions differ;
    mapped_only: on the maps; seed: of the order "random".
    """

    label: str = ""
    predicted: str = ""
    wrong: bool = False
    order: Order = ""
    word: str = ""
    flipped: tuple[int, int] | None = None
    mapped_only: bool = False
    seed: int = 0


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


AMONG = "example IN (SELECT unnest(?::INTEGER[]))"
SAID = f"""
SELECT epoch, example, logit, probability, impact FROM impacts JOIN classes USING (run, class)
WHERE run = ? AND {AMONG} AND epoch IN (SELECT unnest(?::INTEGER[])) ORDER BY epoch, example, position, ordinal
"""
WEIGHTS = f"""
SELECT epoch, example, weight FROM attention
WHERE run = ? AND {AMONG} AND epoch IN (SELECT unnest(?::INTEGER[])) ORDER BY epoch, example, position
"""


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
        return (f"There is no {element} in this {kind}: the network says this before it has read anything.",)
    said = []
    if not any(word.known for word in words):
        said.append("The network knows none of these words: all of them are the same to it.")
    if unread:
        total = len(words) + len(unread)
        said.append(f"The network reads the first {len(words):,} of these {total:,} {element}s, not the rest.")
    return tuple(said)


def find(
    source: Source, facts: Facts, wanted: Filter, epoch: int, limit: int = 50, offset: int = 0
) -> tuple[pd.DataFrame, int]:
    """Test examples that pass a filter, by the predictions of `epoch`: rows `offset` to `offset + limit`, and how many
    there are in all.

    Columns: example, id, label, predicted, probability (of the positive class), confidence (0 undecided, 1 certain),
    length (words read), snippet (the text's beginning, on one line). Raises InputError for an epoch that is not there
    or a search that holds no word.
    """
    check_epochs(facts, [epoch, *(wanted.flipped or ())])
    condition, values = conditions(source, facts, wanted)
    order = ORDERS[wanted.order]
    judged = [facts.positive, facts.run, epoch, *confidence_values(facts), facts.run, *values]
    seed = [wanted.seed] if wanted.order == "random" else []
    rows = source.frame(
        f"{PREDICTED} SELECT *, count(*) OVER () AS total FROM judged WHERE {condition} "
        f"ORDER BY {order} LIMIT ? OFFSET ?",
        *judged,
        *seed,
        limit,
        offset,
    )
    if len(rows) or not offset:
        total = int(rows["total"].max()) if len(rows) else 0
    else:  # nothing from `offset` on
        counted = source.frame(f"{PREDICTED} SELECT count(*) AS total FROM judged WHERE {condition}", *judged)
        total = int(counted["total"].iloc[0])
    rows = rows.drop(columns="total")
    return rows.assign(snippet=snippets(source, facts, rows["example"])), total


PREDICTED = """
WITH said AS (
  SELECT example, any_value(predicted) AS predicted, max(probability) FILTER (class = ?) AS probability,
         max(probability) AS largest
  FROM predictions WHERE run = ? AND epoch = ? GROUP BY example
), judged AS (
  SELECT example, id, label, predicted, probability,
         CASE WHEN ? = 2 THEN abs(2 * probability - 1) ELSE (largest - 1 / ?) / (1 - 1 / ?) END AS confidence, length
  FROM examples JOIN said USING (example) WHERE run = ?
)
"""


def confidence_values(facts: Facts) -> list[Any]:
    classes = len(facts.classes)
    return [classes, float(classes), float(classes)]


def check_epochs(facts: Facts, epochs: Iterable[int]) -> None:
    """Refuse an epoch without a checkpoint."""
    for epoch in epochs:
        if epoch not in facts.epochs:
            raise InputError(f"run {facts.run!r} has no epoch {epoch}; choose one of {facts.epochs[0]} to {facts.last}")


def conditions(source: Source, facts: Facts, wanted: Filter) -> tuple[str, list[Any]]:
    """A filter as a condition on rows of `judged`, with `?` for each of the values."""
    parts: list[tuple[str, list[Any]]] = [("TRUE", [])]
    if wanted.label:
        parts.append(("label = ?", [wanted.label]))
    if wanted.predicted:
        parts.append(("predicted = ?", [wanted.predicted]))
    if wanted.wrong:
        parts.append(("predicted <> label", []))
    if wanted.mapped_only:
        parts.append(("example IN (SELECT example FROM mapped WHERE run = ?)", [facts.run]))
    if wanted.flipped:
        both = "SELECT example FROM predictions WHERE run = ? AND epoch IN (?, ?) GROUP BY example"
        parts.append((f"example IN ({both} HAVING count(DISTINCT predicted) > 1)", [facts.run, *wanted.flipped]))
    if wanted.word.strip():
        parts.append(holding(source, facts, wanted.word))
    return " AND ".join(part for part, _ in parts), [value for _, values in parts for value in values]


def holding(source: Source, facts: Facts, phrase: str) -> tuple[str, list[Any]]:
    """The condition that a text holds these words, one after the other, among those that are read."""
    spelled = [phrase[start:stop] for start, stop in spans(phrase)]
    if not spelled:
        raise InputError(f"search for {phrase.strip()[:40]!r}: there is no word in it; give one, such as boring")
    if len(spelled) > LONGEST_PHRASE:
        raise InputError(f"search for {len(spelled):,} words in a row: give at most {LONGEST_PHRASE}")
    tokens = source.frame(
        "SELECT word, token FROM vocabulary WHERE run = ? AND word IN (SELECT unnest(?::VARCHAR[]))",
        facts.run,
        [normal(word) for word in spelled],
    )
    token_of = dict(zip(tokens["word"], tokens["token"], strict=True))
    parts, values = [], []
    for place, word in enumerate(spelled):
        token = int(token_of.get(normal(word), UNKNOWN))
        same = "token = ?"
        values += [place, facts.run, token]
        if token == UNKNOWN:  # DuckDB's lower case on both sides: it differs from Python's for a few letters
            same += " AND replace(lower(element), '’', '''') = replace(lower(?), '’', '''')"
            values.append(word)
        parts.append(f"SELECT example, position - ? AS first FROM elements WHERE run = ? AND {same}")
    return f"example IN (SELECT example FROM ({' INTERSECT '.join(parts)}))", values


def snippets(source: Source, facts: Facts, examples: "pd.Series[int]") -> list[str]:
    """The beginnings of texts on one line, as text: what looks like HTML in them stays what it is, but for breaks."""
    numbers = [int(example) for example in examples]
    texts = source.frame(
        "SELECT example, regexp_replace(left(text, ?), ?, ' ', 'gi') AS snippet, len(steps) AS steps FROM examples "
        "WHERE run = ? AND example IN (SELECT unnest(?::INTEGER[]))",
        2 * SNIPPET,
        MARKUP,
        facts.run,
        numbers,
    )
    if facts.channels:
        texts["snippet"] = [steps.described(int(count), facts.channels) for count in texts["steps"]]
    found = dict(zip(texts["example"], texts["snippet"], strict=True))
    return [shortened(" ".join(str(found[number]).split())) for number in numbers]


def shortened(line: str) -> str:
    return line if len(line) <= SNIPPET else line[:SNIPPET].rsplit(" ", 1)[0] + " …"


def frequency(source: Source, facts: Facts, words: Iterable[str]) -> dict[str, tuple[int, dict[str, int]]]:
    """{lower-cased word: (how often the network met it in training, the same by class)}, for words it knows.

    words: in any spelling; those it does not know are left out.
    """
    normals = sorted({normal(word[start:stop]) for word in words for start, stop in spans(word)})
    rows = source.frame(
        'SELECT word, "count", map_keys(counts) AS classes, map_values(counts) AS by_class FROM vocabulary '
        "WHERE run = ? AND token > ? AND word IN (SELECT unnest(?::VARCHAR[]))",
        facts.run,
        UNKNOWN,
        normals,
    )
    return {
        row["word"]: (int(row["count"]), dict(zip(row["classes"], map(int, row["by_class"]), strict=True)))
        for row in rows.to_dict("records")
    }


def sentences(folder: Path) -> pd.DataFrame:
    """The short sentences of the corpora folder: columns id, text, label, source."""
    path = folder / "sentences.parquet"
    table = tables.read(path).table
    columns = ["id", "text", "label", "source"]
    if missing := [name for name in columns if name not in table.column_names]:
        raise InputError(f"{path}: no column {missing[0]!r}; get the file again: git checkout {path}")
    return pd.DataFrame({name: table[name].to_pylist() for name in columns})
