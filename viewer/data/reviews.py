"""The relation `reviews`: one row a test example, with what the network says of it at one epoch. Conditions ask it."""

from pipeline.store import quoted
from viewer.data.facts import Facts
from viewer.data.source import Source

COLUMNS = {
    "example": "row number in the corpus",
    "id": "identity in the corpus",
    "label": "true class",
    "predicted": "class predicted at the epoch",
    "right": 'whether the two are the same; a word of SQL, so write "right"',
    "wrong": "whether they differ",
    "confidence": "0 undecided, 1 certain",
    "probability": "of the positive class",
    "length": "words the network reads",
    "text": "the whole text",
    "seen": "whether the same text also stands outside the test split",
}


def reviews(source: Source, facts: Facts, epoch: int, mapped_only: bool = True) -> str:
    """The SELECT of the relation, in our own text: nothing in it was typed by anybody.

    Beside COLUMNS it has one column for each attribute of the corpus that is not named like one of those, a DOUBLE
    if all its values are numbers, else text. Confidence is (p - 1/K) / (1 - 1/K), with p the probability of the
    likeliest of K classes; of two classes that is |2p - 1|.
    """
    count = len(facts.classes)
    likeliest = "greatest(max(probability), 1 - min(probability))" if count == 2 else "max(probability)"
    return f"""
SELECT e.example, e.id, e.label, p.predicted, e.label = p.predicted AS "right", e.label <> p.predicted AS wrong,
       (p.likeliest - 1 / {count}) / (1 - 1 / {count}) AS confidence, p.probability, e.length, e.text, e.seen
       {"".join(f", {value} AS {identifier(name)}" for name, value in attributes(source, facts).items())}
FROM examples AS e JOIN (
  SELECT example, any_value(predicted) AS predicted, {likeliest} AS likeliest,
         max(probability) FILTER (class = {quoted(facts.positive)}) AS probability
  FROM predictions WHERE run = {quoted(facts.run)} AND epoch = {int(epoch)} GROUP BY example
) AS p USING (example)
WHERE e.run = {quoted(facts.run)}{mapped(facts) if mapped_only else ""}"""


def attributes(source: Source, facts: Facts) -> dict[str, str]:
    """{name of an attribute of the corpus: its value in SQL over the relation `e`}, in alphabetical order."""
    found = source.frame(
        "SELECT entry.key AS name, bool_and(try_cast(entry.value AS DOUBLE) IS NOT NULL) AS numeric FROM "
        "(SELECT unnest(map_entries(attributes)) AS entry FROM examples WHERE run = ?) "
        "WHERE entry.value IS NOT NULL GROUP BY ALL ORDER BY ALL",
        facts.run,
    )
    values: dict[str, str] = {}
    taken = set(COLUMNS)
    for name, numeric in zip(found["name"], found["numeric"], strict=True):
        if name and name.lower() not in taken:  # SQL's names know no case
            taken.add(name.lower())
            value = f"e.attributes[{quoted(name)}]"
            values[name] = f"{value}::DOUBLE" if numeric else value
    return values


def columns(source: Source, facts: Facts) -> list[str]:
    """The names of all columns of the relation."""
    return [*COLUMNS, *attributes(source, facts)]


def mapped(facts: Facts) -> str:
    return f" AND e.example IN (SELECT example FROM mapped WHERE run = {quoted(facts.run)})"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
