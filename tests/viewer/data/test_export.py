"""Downloads: read back by other libraries, and harmless in a spreadsheet."""

import csv
import io

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from viewer.data.export import KINDS, export

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_csv_holds_every_text_and_no_formula(texts: list[str]) -> None:
    header, *found = rows(export(pd.DataFrame({"text": texts, "number": range(len(texts))}), "csv"))
    assert header == ["text", "number"]
    assert [row[1] for row in found] == [str(place) for place in range(len(texts))]
    for (shown, _), text in zip(found, texts, strict=True):
        assert shown in (text, f"'{text}")
        assert not shown.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_negative_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"impact": [-0.25, 1.0], "word": ["-1", '=HYPERLINK("http://x")'], "=1+1": [1, 2]})
    assert rows(export(frame, "csv")) == [
        ["impact", "word", "'=1+1"],
        ["-0.25", "'-1", "1"],
        ["1.0", '\'=HYPERLINK("http://x")', "2"],
    ]


def test_parquet_reads_back_the_same() -> None:
    frame = pd.DataFrame({"text": ["=a", None], "number": [1, 2], "list": [[1.0], [2.0, 3.0]]})
    found = pq.read_table(io.BytesIO(export(frame, "parquet")))
    assert found.to_pylist() == [
        {"text": "=a", "number": 1, "list": [1.0]},
        {"text": None, "number": 2, "list": [2.0, 3.0]},
    ]


def test_mixed_columns_become_text() -> None:
    found = pq.read_table(io.BytesIO(export(pd.DataFrame({"any": [1, "b", None]}, dtype=object), "parquet")))
    assert found.to_pylist() == [{"any": "1"}, {"any": "b"}, {"any": None}]


def test_what_parquet_has_no_type_for_becomes_text() -> None:
    offsets = pd.Series([pd.DateOffset(days=3), None], dtype=object)
    (column,) = pq.read_table(io.BytesIO(export(pd.DataFrame({"i": offsets}), "parquet"))).to_pydict().values()
    assert "3" in column[0]
    assert column[1] is None


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_make_a_file_too(kind: str) -> None:
    assert export(pd.DataFrame({"a": [], "b": []}), kind)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(InputError, match="xlsx"):
        export(pd.DataFrame(), "xlsx")
