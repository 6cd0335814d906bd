"""Stored examples, found by what they hold or how they were predicted; words' counts; the sentences corpus."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pipeline.data import tables
from pipeline.data.words import UNKNOWN, normal, spans
from pipeline.errors import InputError
from viewer.data import steps
from viewer.data.facts import Facts
from viewer.data.snippets import characters, snippet
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
    spelled = searched(phrase)
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


def searched(phrase: str) -> list[str]:
    """The words of a search as they are spelled; InputError where there is none, or too many."""
    spelled = [phrase[start:stop] for start, stop in spans(phrase)]
    if not spelled:
        raise InputError(f"search for {phrase.strip()[:40]!r}: there is no word in it; give one, such as boring")
    if len(spelled) > LONGEST_PHRASE:
        raise InputError(f"search for {len(spelled):,} words in a row: give at most {LONGEST_PHRASE}")
    return spelled


def holds(text: str, spelled: Sequence[str]) -> bool:
    """Whether a text that is in no store holds these words, one after the other: what `holding` asks of those in it."""
    wanted = [normal(word) for word in spelled]
    words = [normal(text[start:stop]) for start, stop in spans(text)]
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words)))


def snippets(source: Source, facts: Facts, examples: "pd.Series[int]") -> list[str]:
    """The beginnings of texts on one line; of sequences of numbers what they are."""
    numbers = [int(example) for example in examples]
    texts = source.frame(
        "SELECT example, left(text, ?) AS snippet, len(steps) AS steps FROM examples "
        "WHERE run = ? AND example IN (SELECT unnest(?::INTEGER[]))",
        characters(SNIPPET),
        facts.run,
        numbers,
    )
    if facts.channels:
        told = [steps.described(int(count), facts.channels) for count in texts["steps"]]
    else:
        told = [snippet(text, SNIPPET) for text in texts["snippet"]]
    found = dict(zip(texts["example"], told, strict=True))
    return [found[number] for number in numbers]


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
