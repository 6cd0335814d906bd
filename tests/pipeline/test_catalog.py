"""What is written down of the store is what is declared."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import catalog, store
from pipeline.schema import TABLES
from tests.project import ROOT


def test_the_readme_of_the_store_is_generated() -> None:
    assert (ROOT / "artifacts" / "README.md").read_text(encoding="utf-8") == catalog.markdown(), "run make schema"


def test_the_views_for_the_command_line_are_generated() -> None:
    assert (ROOT / "artifacts" / "views.sql").read_text(encoding="utf-8") == store.views(Path("artifacts"))


@pytest.mark.parametrize("name", TABLES)
def test_the_empty_tables_are_of_the_declared_schema(name: str) -> None:
    table = pq.read_table(ROOT / "artifacts" / "run=none" / f"{name}.parquet", partitioning=None)
    assert table.num_rows == 0
    assert table.schema == TABLES[name].schema, "delete artifacts/run=none and run make schema"
