"""Expressions of SQL over reviews that somebody typed: whether a text is one, and the examples for which it is true.

They are asked in the locked database (`viewer.data.sandbox`) and can see nothing but the relation.
"""

import json
from pathlib import Path

import duckdb

from pipeline.errors import InputError
from viewer.data import sandbox
from viewer.data.statement import TREE, nodes

IN_BRACKETS = "SELECT example, (…\n) AS answer FROM reviews"  # the line's end stops a comment
IN_CASE = "SELECT example FROM reviews WHERE CASE WHEN …\n THEN true END"
TRUTH = ("BOOLEAN", '"NULL"')  # what DuckDB calls the types of what is true, false or unknown


def true_of(artifacts: Path, expression: str, relation: str, most: int) -> list[int]:
    """The examples of the relation for which an expression that somebody typed is true."""
    if not is_expression(expression):
        raise InputError("condition: sql: write one expression that is true or false, such as sql:length > 100")
    question = IN_BRACKETS.replace("…", expression)
    question = f"SELECT example, typeof(answer) AS kind FROM ({question}) WHERE typeof(answer) NOT IN {TRUTH} OR answer"
    answer = sandbox.shared(artifacts).select(question, rows=most, relations={"reviews": relation})
    for kind in answer.frame["kind"].head(1):
        if kind not in TRUTH:
            raise InputError(f"condition: sql: of type {kind}, not true or false; compare it, as in sql:length > 100")
    return [int(example) for example in answer.frame["example"]]


def is_expression(text: str) -> bool:
    """Whether `text` is one expression of SQL, of one value, and no more.

    It is read twice, in brackets and in a CASE: what would end the one and go on behind it does not fit into the other.
    A star and COLUMNS(...) stand for several values.
    """
    with duckdb.connect() as parser:
        for frame in (IN_BRACKETS, IN_CASE):
            try:
                statements = parser.extract_statements(frame.replace("…", text))
            except duckdb.Error:
                return False
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                return False
        try:
            tree = json.loads(parser.execute(TREE, [IN_BRACKETS.replace("…", text)]).fetchall()[0][0])
        except (duckdb.Error, RecursionError):
            return False
    return not any(node.get("class") == "STAR" for node in nodes(tree, leaving_out="subquery"))
