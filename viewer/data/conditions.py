"""Conditions on reviews, as people type them and as a link holds them: `word:boring and wrong and length>100`.

Terms, joined by "and": word:W, label:C, predicted:C, right, wrong, flipped:2-10 (between two epochs),
confidence>0.9, confidence<0.1, length>100, length<20, at:10 (asked at this epoch, not at the one shown), and last
sql:EXPRESSION over the relation `viewer.data.reviews`. A class with other signs than letters and digits in its name
stands in double quotes.
"""

import math
from dataclasses import dataclass

import regex

from pipeline.data.words import UNKNOWN, normal, spans
from pipeline.errors import InputError
from viewer.data import expressions
from viewer.data.facts import Facts
from viewer.data.reviews import reviews
from viewer.data.selections import Selection
from viewer.data.source import Source

LONGEST = 2_000  # characters
BOUND = 10**9  # of all numbers
PLAIN = ("right", "wrong")
CLASSES = ("label", "predicted")
COMPARED = ("confidence>", "confidence<", "length>", "length<")
KINDS = ("word", *CLASSES, *PLAIN, "flipped", *COMPARED, "at", "sql")
KNOWN = "word:…, label:…, predicted:…, right, wrong, flipped:2-10, confidence>0.9, length<50, at:10 or sql:…"

BARE = r"[\p{L}\p{N}\p{M}_.'’/-]+"
TERM = regex.compile(
    rf"""\s*(?: (?P<plain>right|wrong)
    | (?P<compared>confidence|length)\s*(?P<sign>[<>])\s*(?P<number>[0-9.eE+-]+)
    | flipped\s*:\s*(?P<one>[0-9]{{1,9}})\s*-\s*(?P<other>[0-9]{{1,9}})
    | at\s*:\s*(?P<at>[0-9]{{1,9}})
    | word\s*:\s*(?P<word>[^\s"]+)
    | (?P<kind>label|predicted)\s*:\s*(?:(?P<bare>{BARE})|"(?P<quoted>(?:[^"]|"")*)")
    )\s*(?P<end>\sand\s|$)""",
    regex.VERBOSE | regex.IGNORECASE,
)
SQL = regex.compile(r"\s*sql\s*:(?P<sql>.*)", regex.DOTALL | regex.IGNORECASE)

Value = str | int | float | tuple[int, int]


@dataclass(frozen=True)
class Term:
    """One thing asked of a review; `kind` is one of KINDS. InputError where the value is not one of that kind."""

    kind: str
    value: Value = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"condition {self.kind!r} is not known; there are {KNOWN}")
        if isinstance(self.value, str):  # one way to write each: in a link, and when two are compared
            value = whole(self.value).strip()
            object.__setattr__(self, "value", normal(value) if self.kind == "word" else value)
        mistake = self.mistake()
        if mistake:
            raise InputError(f"condition {self.kind}: {mistake}")

    def mistake(self) -> str:
        """What is wrong with the value; empty: nothing."""
        if self.kind in PLAIN:
            return "it stands alone" if self.value != "" else ""
        if self.kind in (*CLASSES, "word", "sql"):
            if not isinstance(self.value, str) or not self.value:
                return "something must follow"
            if self.kind == "word" and spans(self.value) != [(0, len(self.value))]:
                return "one word, without spaces or punctuation"
            return ""
        if self.kind == "flipped":
            pair = isinstance(self.value, tuple) and len(self.value) == 2 and all(map(is_epoch, self.value))
            return "" if pair else "two epochs, such as 2-10"
        if self.kind == "at":
            return "" if is_epoch(self.value) else "one epoch, such as 10"
        number = type(self.value) in (int, float) and abs(self.value) < BOUND  # type: ignore[arg-type]
        return "" if number else "a number, such as 0.9"

    def text(self) -> str:
        """The term as it is typed."""
        if self.kind in PLAIN:
            return self.kind
        if self.kind in COMPARED:
            return f"{self.kind}{self.value}"
        if self.kind == "flipped" and isinstance(self.value, tuple):
            return f"flipped:{self.value[0]}-{self.value[1]}"
        if self.kind in CLASSES and not regex.fullmatch(BARE, str(self.value)):
            return f'{self.kind}:"{str(self.value).replace(chr(34), chr(34) * 2)}"'
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class Condition:
    """Reviews of which all `terms` are true; a term of the kind sql stands last."""

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        kinds = [term.kind for term in self.terms]
        if not kinds:
            raise InputError(f"condition: nothing asked; there are {KNOWN}")
        if "sql" in kinds[:-1]:
            raise InputError("condition: sql stands last, and once")
        if kinds.count("at") > 1:
            raise InputError("condition: at stands once")

    def text(self) -> str:
        """The condition as it is typed; `parse` reads it."""
        return " and ".join(term.text() for term in self.terms)

    def pinned(self, epoch: int) -> "Condition":
        """The condition with the epoch it is asked at, where the answer depends on it."""
        asked = {term.kind for term in self.terms}
        if "at" in asked or not asked & {"predicted", *PLAIN, "confidence>", "confidence<", "sql"}:
            return self
        return Condition((Term("at", epoch), *self.terms))

    def values(self, kind: str) -> list[Value]:
        return [term.value for term in self.terms if term.kind == kind]


def whole(text: str) -> str:
    """Text without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_epoch(value: object) -> bool:
    return type(value) is int and 0 <= value < BOUND


def parse(text: str) -> Condition:
    """The condition that `text` says; InputError with the place where it cannot be read."""
    if len(text) > LONGEST:
        raise InputError(f"condition: {len(text):,} characters; at most {LONGEST:,} are read")
    if not text.strip():
        return Condition(())
    text = whole(text)
    terms: list[Term] = []
    place = 0
    while True:
        found = TERM.match(text, place)
        if found is None:
            last = SQL.fullmatch(text, place)
            if last is None:
                rest = " ".join(text[place : place + 40].split())
                known = f'{KNOWN}, joined by "and"; for or and not: sql:'
                raise InputError(f'condition: cannot read "{rest}"; there are {known}')
            return Condition((*terms, Term("sql", last["sql"].strip())))
        terms.append(read_term(found))
        place = found.end()
        if not found["end"]:
            return Condition(tuple(terms))


def read_term(found: "regex.Match[str]") -> Term:
    if found["plain"]:
        return Term(found["plain"].lower())
    if found["compared"]:
        return Term(found["compared"].lower() + found["sign"], number(found["number"]))
    if found["one"]:
        return Term("flipped", (int(found["one"]), int(found["other"])))
    if found["at"]:
        return Term("at", int(found["at"]))
    if found["word"]:
        return Term("word", normal(found["word"]))
    return Term(found["kind"].lower(), found["bare"] or found["quoted"].replace('""', '"'))


def number(text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        return math.nan  # refused by Term
    return int(value) if value.is_integer() else value


def select(source: Source, facts: Facts, text: str, epoch: int) -> Selection:
    """The mapped reviews for which the condition in `text` is true, as a selection that a link can hold.

    Its condition names the epoch where the answer depends on it, so that it means the same at any later one.
    """
    return selected(source, facts, parse(text).pinned(epoch), epoch)


def selected(source: Source, facts: Facts, condition: Condition, epoch: int) -> Selection:
    """The same for a condition that was read before."""
    return Selection(find(source, facts, condition, epoch), condition.text(), run=facts.run)


def find(source: Source, facts: Facts, condition: Condition, epoch: int, mapped_only: bool = True) -> tuple[int, ...]:
    """The examples for which the condition is true at `epoch` (or at the epoch it names), rising.

    Of the mapped reviews, or of all test reviews. InputError where it names an epoch or class that the run has not,
    or where its SQL is not one expression, fails, or takes too long.
    """
    for asked in condition.values("at"):
        epoch = int(asked)  # type: ignore[arg-type]  # Term saw to it
    there(facts, epoch)
    relation = reviews(source, facts, epoch, mapped_only)
    tests, parameters = ["true"], []
    for term in condition.terms:
        test, given = translated(source, facts, term, mapped_only)
        tests.append(test)
        parameters += given
    found = source.frame(f"SELECT example FROM ({relation}) WHERE {' AND '.join(tests)} ORDER BY example", *parameters)
    examples = tuple(int(example) for example in found["example"])
    for expression in condition.values("sql"):
        true = set(expressions.true_of(source.artifacts, str(expression), relation, facts.tested))
        examples = tuple(example for example in examples if example in true)
    return examples


def translated(source: Source, facts: Facts, term: Term, mapped_only: bool) -> tuple[str, list[object]]:
    """A term as a test over the relation, with `?` for everything typed, and what stands for those."""
    if term.kind in CLASSES:
        if term.value not in facts.classes:
            asked = " ".join(term.text().split())
            raise InputError(f"condition: {asked}: run {facts.run} has the classes {', '.join(facts.classes)}")
        return f"{term.kind} = ?", [term.value]
    if term.kind in PLAIN:
        return f'"{term.kind}"', []
    if term.kind in COMPARED:
        return f"{term.kind[:-1]} {term.kind[-1]} ?", [term.value]
    if term.kind == "flipped" and isinstance(term.value, tuple):
        for epoch in term.value:
            there(facts, epoch)
        one, other = term.value
        changed = "SELECT example FROM predictions WHERE run = ? AND epoch IN (?, ?) GROUP BY example"
        return f"example IN ({changed} HAVING count(DISTINCT predicted) > 1)", [facts.run, one, other]
    if term.kind == "word" and facts.channels:
        raise InputError(f"condition: {term.text()}: run {facts.run} reads numbers and has no words")
    if term.kind == "word":
        return with_word(source, facts, str(term.value), mapped_only)
    return "true", []  # at, which was followed already, and sql, which is asked apart


def there(facts: Facts, epoch: int) -> None:
    if epoch not in facts.epochs:
        raise InputError(f"epoch {epoch} is not in run {facts.run}; there are {facts.epochs[0]} to {facts.last}")


def with_word(source: Source, facts: Facts, word: str, mapped_only: bool) -> tuple[str, list[object]]:
    """Where a word is read. The network's own words go by their number; others are compared in Python's lower case."""
    places = "SELECT example FROM elements WHERE run = ?"
    token = source.frame(
        "SELECT token FROM vocabulary WHERE run = ? AND word = ? AND token > ?", facts.run, word, UNKNOWN
    )
    if len(token):
        return f"example IN ({places} AND token = ?)", [facts.run, int(token["token"][0])]
    scope = " AND example IN (SELECT example FROM mapped WHERE run = ?)" if mapped_only else ""
    given = [facts.run, UNKNOWN, *([facts.run] if mapped_only else [])]
    spellings = source.frame(f"SELECT DISTINCT element FROM elements WHERE run = ? AND token = ?{scope}", *given)
    same = [spelling for spelling in spellings["element"] if normal(spelling) == word]
    return f"example IN ({places} AND token = ? AND element IN (SELECT unnest(?::VARCHAR[])))", [
        facts.run,
        UNKNOWN,
        same,
    ]
