"""SQL over all runs.

python -m pipeline.sql                               tables, columns, meanings and example queries
python -m pipeline.sql "SELECT ..."                  a readable table
python -m pipeline.sql --example 1                   run the first example query
python -m pipeline.sql --format csv "SELECT ..."     csv, json or parquet; --output FILE writes a file
"""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import duckdb

from pipeline import catalog, store
from pipeline.errors import InputError, told_in_one_line
from pipeline.queries import QUERIES

RESULT = "result of the query"
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
    parser.add_argument(
        "--rows", type=int, default=100, metavar="N", help="about how many rows of a table are shown (default: 100)"
    )
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
    """Ask and show; raises InputError with DuckDB's reason where the query is wrong or a file is damaged."""
    connection = store.connect(artifacts)
    try:
        statements = connection.extract_statements(query)
        if not statements:
            raise InputError("sql: nothing to ask; write one SELECT, or leave it out to see the tables")
        if len(statements) > 1:
            raise InputError("sql: ask one statement at a time")
        result = connection.sql(query)
        if result is None:
            raise InputError("sql: that statement has no result; ask a SELECT")
        if form == "table":
            result.show(max_rows=rows, max_width=200)
        else:
            result.create_view(RESULT)
            copy(connection, form, output)
    except (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException) as error:
        raise InputError(f"sql: {store.reason(error)}; python -m pipeline.sql lists tables and columns") from None
    except duckdb.Error as error:
        raise InputError(f"sql: {store.reason(error)}") from None


def copy(connection: duckdb.DuckDBPyConnection, form: str, output: Path | None) -> None:
    """Write the result: to a file at once and whole, or through the terminal's or pipe's own descriptor."""
    if output is None:
        with tempfile.TemporaryDirectory() as folder:
            export(connection, form, Path(folder) / "result")
            with (Path(folder) / "result").open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
    elif output.exists() and not output.is_file():  # a pipe or device: nothing to replace
        raise InputError(f"--output {output}: not a file; choose another name, or leave it out and use > or |")
    elif not output.parent.is_dir():
        raise InputError(f"--output {output}: there is no folder {output.parent}; make it first")
    else:
        with store.replacing(output.resolve()) as partial:
            rows = export(connection, form, partial)
        print(f"{output}: {rows:,} row{'' if rows == 1 else 's'}", flush=True)


def export(connection: duckdb.DuckDBPyConnection, form: str, path: Path) -> int:
    """Write the result; how many rows it has."""
    copied = connection.execute(f'COPY (FROM "{RESULT}") TO {store.quoted(str(path))} ({FORMATS[form]})').fetchone()
    assert copied is not None
    return int(copied[0])


def format_for(asked: str | None, output: Path | None) -> str:
    """The format asked for, or the one that the output's name ends in."""
    if asked is None and output is None:
        return "table"
    found = asked or output.suffix[1:].lower()  # type: ignore[union-attr]
    if (found == "table" and output is not None) or found not in ("table", *FORMATS):
        raise InputError(f"--output {output}: choose --format csv, json or parquet")
    if found == "parquet" and output is None and sys.stdout.isatty():
        raise InputError("--format parquet is not for a terminal; add --output FILE")
    return found


def main() -> None:
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the output without a complaint
    given = arguments()
    with told_in_one_line():
        if given.example is not None and given.query is not None:
            raise InputError("--example: ask either a query of your own or an example")
        if given.rows < 1:
            raise InputError(f"--rows {given.rows}: at least 1")
        form = format_for(given.format, given.output)
        run = chosen_run(given.run, given.artifacts)
        if given.example is not None:
            given.query = example(given.example, run)
            print(given.query, end="\n\n", file=sys.stderr)
        if given.query is not None:
            answer(given.query, given.artifacts, form, given.output, given.rows)
        elif form != "table":
            raise InputError(f"--format {form}: give a query")
        else:
            print(catalog.listing(run))


if __name__ == "__main__":
    main()
