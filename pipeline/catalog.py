"""The store described: tables, columns and meanings, from their declarations.

python -m pipeline.catalog writes artifacts/README.md, artifacts/views.sql and the empty tables in artifacts/run=none.
"""

import argparse

from pipeline import store
from pipeline.columns import Column, Table
from pipeline.queries import QUERIES
from pipeline.schema import RUN, TABLES

HEAD = """# The store

Written by `python -m pipeline.catalog` from the declarations in `pipeline/schema.py`; change it there.

`corpora/` holds the inputs, `run=<name>/` everything that one run produced, one Parquet file a table. Every table has
the column `run`, the name of the run, from the name of the folder. `run=none/` holds every table without a row, so
that a table no run has yet is an empty view and not an error. `claims.md` tells what these runs say to the paper's
claims, and `claims.json` the same to the viewer: `make claims` writes both.

Three ways to ask, each from the project's folder with the environment active:

```
python -m pipeline.sql "SELECT run, epoch, value FROM metrics WHERE split = 'test' AND metric = 'accuracy'"
duckdb -init artifacts/views.sql
python -c "from pipeline.store import connect; print(connect().sql('SELECT * FROM maps'))"
```

`example` is a row number of the corpus, so runs on one corpus join on it. Rows are sorted by the columns under *one row
per*; DuckDB then reads only the part of a file that a query asks for, if the query names the run: `run = 'paper'` for
every table of a join, rather than `a.run = b.run`. Also in a run's folder: `config.yaml`,
`checkpoints/epoch=NNN.ckpt` (weights and what the network is built from; `torch.load` with `weights_only=True`),
`scores.json`, `accuracy.csv` and `loss.csv` for `dvc metrics` and `dvc plots`.

An impact is the probability of a class after reading an element minus the probability before it; the impacts of an
example on a class add up to its final probability minus that of the empty prefix, position 0. `logit` is the log-odds
of the probability. A network for two classes has one output, for the positive class; for more, one for every class,
and as many rows a position.
"""


def remark(column: Column) -> str:
    """Meaning, unit and range in one cell."""
    parts = [column.meaning, column.unit and f"in {column.unit}", column.range and f"range {column.range}"]
    return "; ".join(part for part in parts if part)


def section(table: Table) -> str:
    lines = [f"## {table.name}", "", f"One row per {table.rows}. Sorted by {', '.join(table.key)}.", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    for column in table.columns:
        derived = f"; derived in the view: `{column.derived}`" if column.derived else ""
        lines.append(f"| `{column.name}` | `{store.sql_type(column.type)}` | {remark(column)}{derived} |")
    return "\n".join(lines)


def markdown() -> str:
    """The text of artifacts/README.md."""
    return "\n\n".join([HEAD.rstrip(), *(section(table) for table in TABLES.values())]) + "\n"


def listing(run: str) -> str:
    """Tables, columns and example queries for a terminal; the queries ask of `run`."""
    lines = [f"Every table has the column run: {RUN.meaning}.", ""]
    for table in TABLES.values():
        lines.append(f"{table.name}: one row per {table.rows}")
        for column in table.columns:
            lines.append(f"    {column.name:<20} {store.sql_type(column.type):<22} {remark(column)}")
        lines.append("")
    lines.append("Example queries; python -m pipeline.sql --example N runs one.")
    for number, query in enumerate(QUERIES, 1):
        lines += ["", f"{number}. {query.title}", f"   {query.reading}", "", query.of(run)]
    return "\n".join(lines)


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m pipeline.catalog", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    store.write_text(store.ARTIFACTS / "README.md", markdown())
    store.write_text(store.ARTIFACTS / "views.sql", store.views())
    store.write_empty_tables(anew=True)


if __name__ == "__main__":
    main()
