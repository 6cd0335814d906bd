"""A frame as the bytes of a file to download: CSV that a spreadsheet takes for text and numbers alone, or Parquet."""

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputError

KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
# Spreadsheets run what starts with one of these, also after spaces
# (owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last: fullwidth forms


def export(frame: pd.DataFrame, kind: str) -> bytes:
    """All rows of the frame, without its index, as "csv" (UTF-8, a header) or "parquet" (zstd)."""
    if kind == "csv":
        safe = frame.map(harmless).rename(columns=harmless)
        text: str = safe.to_csv(index=False, lineterminator="\r\n")
        return text.encode("utf-8", "replace")
    if kind == "parquet":
        sink = io.BytesIO()
        pq.write_table(arrow(frame), sink, compression="zstd")
        return sink.getvalue()
    raise InputError(f"download: {kind!r} is not a kind of file; there are {', '.join(KINDS)}")


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe in front; all else stays."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell


def arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame as a table; a column that no Parquet type holds, of mixed kinds for instance, becomes text."""
    columns = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(frame[name], from_pandas=True)
            pq.write_table(pa.table({"": columns[str(name)].slice(0, 0)}), io.BytesIO())
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            columns[str(name)] = pa.array([None if cell is None else str(cell) for cell in frame[name]])
    return pa.table(columns)
