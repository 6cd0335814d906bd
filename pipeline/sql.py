"""SQL over all runs.

python -m pipeline.sql                               tables, columns, meanings and example queries
python -m pipeline.sql "SELECT ..."                  a readable table
python -m pipeline.sql --example 1                   run the first example query
python -m pipeline.sql --format csv "SELECT ..."     csv, json or parquet; --output FILE writes a file
"""

import argparse
import signal
import sys
from pathlib import Path

import duckdb

from pipeline import catalog, store
from pipeline.errors import InputError, told_in_one_line
from pipeline.queries import QUERIES

FORMATS = {"csv": "FORMAT csv, HEADER", "json": "FORMAT json, ARRAY true", "parquet": "FORMAT parquet"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.sql", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("query", nargs="?", help="what to ask; without it the tables are listed")
    parser.add_argument("--example", type=int, metavar="N", help="run the N-th example query instead")
    parser.add_argument("--run", metavar="NAME", help="the run an example query asks of (default: paper if there)")
    parser.add_argument("--format", choices=["table", *FORMATS], help="default: table, or as --output ends")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead of the terminal")
    parser.add_argument("--rows", type=int, default=100, metavar="N", help="rows of a table shown (default: 100)")
    parser.add_argument(
        "--artifacts", type=Path, default=store.ARTIFACTS, metavar="DIR", help="the store (default: artifacts)"
    )
    return parser.parse_args()


def chosen_run(asked: str | None, artifacts: Path) -> str:
    """The run that examples ask of."""
    known = store.runs(artifacts)
    if asked is None:
        return "paper" if "paper" in known or not known else known[0]
    if asked not in known:
        raise InputError(f"run {asked!r} is not in {artifacts}; there are {', '.join(known) or 'none yet'}")
    return asked


def example(number: int, run: str) -> str:
    if not 1 <= number <= len(QUERIES):
        raise InputError(f"--example {number}: there are examples 1 to {len(QUERIES)}")
    return QUERIES[number - 1].of(run)


def answer(query: str, artifacts: Path, form: str, output: Path | None, rows: int) -> None:
    """Ask and show; raises InputError with DuckDB's first line where the query is wrong or a file is damaged."""
    connection = store.connect(artifacts)
    try:
        result = connection.sql(query)
        if result is None:
            raise InputError("sql: that statement has no result; ask a SELECT")
        if form == "table":
            show(result, rows, output)
        else:
            result.create_view("result of the query")
            copy(connection, form, output)
    except duckdb.Error as error:
        raise InputError(f"sql: {store.first_line(error)}; python -m pipeline.sql lists tables and columns") from None


def show(result: duckdb.DuckDBPyRelation, rows: int, output: Path | None) -> None:
    if output is None:
        result.show(max_rows=rows, max_width=200)
        return
    raise InputError(f"--output {output}: choose --format csv, json or parquet for a file")


def copy(connection: duckdb.DuckDBPyConnection, form: str, output: Path | None) -> None:
    statement = 'COPY (FROM "result of the query") TO {} (' + FORMATS[form] + ")"
    if output is None:
        if form == "parquet" and sys.stdout.isatty():
            raise InputError("--format parquet is not for a terminal; add --output FILE")
        connection.execute(statement.format("'/dev/stdout'"))
        return
    with store.replacing(output) as partial:
        connection.execute(statement.format(store.quoted(str(partial))))


def main() -> None:
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the output without a complaint
    given = arguments()
    with told_in_one_line():
        run = chosen_run(given.run, given.artifacts)
        if given.example is not None:
            given.query = example(given.example, run)
            print(given.query, end="\n\n", file=sys.stderr)
        if given.query is None:
            print(catalog.listing(run))
            return
        form = given.format or (given.output.suffix[1:] if given.output else "table")
        if form not in ("table", *FORMATS):
            raise InputError(f"--output {given.output}: choose --format csv, json or parquet")
        answer(given.query, given.artifacts, form, given.output, given.rows)


if __name__ == "__main__":
    main()
