"""Columns of a run's tables as frames, also of runs from before there were these columns. Reads the run's tables."""

from collections.abc import Sequence

import pandas as pd
import pyarrow.parquet as pq

from pipeline.store import Run


def frame(run: Run, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Columns of a table of a run; without a row where the run has no such table, or it has no such columns: runs that
    were built before there were any."""
    if not run.has(table) or not set(columns) <= set(names(run, table)):
        return pd.DataFrame({column: [] for column in columns})
    return run.read(table, list(columns)).to_pandas()


def names(run: Run, table: str) -> list[str]:
    """The columns in a table's file; a file that is not whole is told as `Run.read` tells it."""
    try:
        return list(pq.read_schema(run.path(table)).names)
    except (OSError, ValueError):
        return list(run.read(table).column_names)
