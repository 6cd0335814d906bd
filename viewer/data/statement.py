"""Whether a text is one SELECT that reads nothing but given tables, judged by DuckDB's own parser.

Asking for the type of the statement is not enough: DuckDB 2.0 calls `WITH x AS (COPY t TO 'file') FROM x` a SELECT.
So the whole syntax tree is walked, and only what is known to read tables and compute is let through.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from pipeline import store
from pipeline.errors import InputError

LONGEST = 100_000  # characters
QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
FUNCTIONS = {"range", "generate_series", "unnest"}  # as tables; all others read files, settings or other databases
SHOWN = {"DESCRIBE", "SUMMARY"}
TREE = "SELECT json_serialize_sql(?::VARCHAR, skip_null := true, skip_empty := true)"
ONE = "write one SELECT (or WITH, FROM, VALUES, DESCRIBE, SUMMARIZE), and nothing that writes or changes settings"


def one_select(connection: duckdb.DuckDBPyConnection, text: str, tables: Collection[str]) -> str:
    """The statement in `text`, bare of a semicolon and comments at its end.

    InputError if it is not exactly one query that reads only `tables`.
    Tables named by the text's own WITH may be read too; that these are visible where they are used is left to DuckDB.
    """
    if len(text) > LONGEST:
        raise InputError(f"sql: at most {LONGEST:,} characters")
    try:
        text.encode()
        statements = connection.extract_statements(text)
        tree = json.loads(connection.execute(TREE, [text]).fetchall()[0][0])
    except UnicodeEncodeError:
        raise InputError("sql: holds characters that are no text") from None
    except RecursionError:
        raise InputError("sql: nested too deeply; write it in steps with WITH") from None
    except duckdb.Error as error:
        raise InputError(f"sql: {store.reason(error)}") from None
    if not statements:
        raise InputError("sql: nothing to ask; " + ONE)
    if len(statements) > 1:
        raise InputError(f"sql: {len(statements)} statements; " + ONE)
    if statements[0].type != duckdb.StatementType.SELECT or tree["error"]:
        raise InputError("sql: " + ONE + "; a PIVOT needs its values: ON column IN (...)")
    parts = list(nodes(tree["statements"]))
    refuse_others(parts, {name.lower() for name in tables} | own_tables(parts))
    return bare(text)


def bare(text: str) -> str:
    """`text` without comments and semicolons at its end, so that it can stand inside another query."""
    content = text.encode()
    end = len(content)
    for start, kind in reversed(duckdb.tokenize(text)):  # places in bytes
        if kind != duckdb.token_type.comment and content[start : start + 1] != b";":
            break
        end = start
    return content[:end].decode()


def nodes(tree: Any, leaving_out: str = "") -> Iterator[dict[str, Any]]:
    """All dicts in a tree of dicts and lists, but for those below the key `leaving_out`."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(value for key, value in part.items() if key != leaving_out)
        elif isinstance(part, list):
            waiting.extend(part)


def own_tables(parts: list[dict[str, Any]]) -> set[str]:
    """The lower-cased names that a text gives to queries of its own."""
    maps = [part["cte_map"].get("map", []) for part in parts if "cte_map" in part]
    return {str(entry["key"]).lower() for named in maps for entry in named}


def refuse_others(parts: list[dict[str, Any]], tables: set[str]) -> None:
    for part in parts:
        kind = str(part.get("type", ""))
        if kind.endswith("_NODE") and kind not in QUERIES:
            raise InputError("sql: " + ONE)
        if kind == "TABLE_FUNCTION":
            name = str(part["function"].get("function_name", ""))
            if name.lower() not in FUNCTIONS:
                raise InputError(f"sql: {name}() reads more than the store's tables; ask the tables by their names")
        if kind == "BASE_TABLE":
            path = part.get("qualified_name", {}).get("path", [])
            if len(path) != 1 or str(path[0]).lower() not in tables:
                known = ", ".join(sorted(tables))
                raise InputError(f"sql: no table {'.'.join(map(str, path))!r} here; there are {known}")
        if kind == "SHOW_REF" and part.get("show_type") not in SHOWN:
            raise InputError("sql: " + ONE)
