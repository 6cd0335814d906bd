"""The file of claims: read as it was written, missing, damaged."""

import json
from pathlib import Path

import pytest

from pipeline import store
from pipeline.claims.markdown import markdown
from pipeline.claims.report import plain
from pipeline.errors import InputError
from tests.project import ROOT
from tests.report import REPORT
from viewer.data import claims
from viewer.data.source import Source


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert claims.report(Source(tmp_path)) is None
    store.claims(tmp_path).write_text(json.dumps(plain(REPORT)), encoding="utf-8")
    assert claims.report(Source(tmp_path)) == REPORT


DAMAGED = [b"", b"{", b"[]", b"\xff\xfe", b'{"about": "", "claims": [{}]}', b"null", b"NaN", b"[" * 100_000]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_said_in_one_line(tmp_path: Path, content: bytes) -> None:
    store.claims(tmp_path).write_bytes(content)
    with pytest.raises(InputError) as told:
        claims.report(Source(tmp_path))
    assert "\n" not in str(told.value)
    assert "claims.json: not a file of claims (" in str(told.value)
    assert str(told.value).endswith("write it anew: make claims")


def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    store.claims(tmp_path).mkdir()
    with pytest.raises(InputError, match=r"claims\.json: cannot be read \(Is a directory\); write it anew"):
        claims.report(Source(tmp_path))


def test_the_committed_files_are_whole_and_say_the_same() -> None:
    report = claims.report(Source(ROOT / "artifacts"))
    assert report is not None
    assert [claim.number for claim in report.claims] == [1, 2, 3, 4, 5, 6, 7]
    assert markdown(report) == (ROOT / "artifacts" / "claims.md").read_text(encoding="utf-8")
