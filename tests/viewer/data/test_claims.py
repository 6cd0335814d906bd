"""The file of claims: read as it was written, missing, damaged."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import store
from pipeline.claims import behind
from pipeline.claims.markdown import markdown
from pipeline.claims.report import plain
from pipeline.errors import InputError
from pipeline.store import Run
from tests.project import ROOT, RUN
from tests.report import REPORT
from tests.stored import Stored
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


def test_the_runs_behind_it_are_looked_for(stored: Stored) -> None:
    """The tiny run as it is, with other settings, with other numbers, damaged, and under a name that is not there."""
    source = Source()
    own = behind.known(stored.run)
    other = replace(own, tables="0" * 64, accuracy=0.25)
    then = (own, replace(other, config="0" * 64), other, replace(own, run="elsewhere"))
    found = claims.compared(replace(REPORT, runs=then), source)
    assert [(each.run, each.state) for each in found] == [
        (RUN, "here"), (RUN, "other settings"), (RUN, "other numbers"), ("elsewhere", "absent")
    ]  # fmt: skip
    (row,) = stored.rows("metrics", epoch=3, split="test", metric="accuracy")
    assert [each.then for each in found] == [own.accuracy, 0.25, 0.25, own.accuracy]
    assert found[2].now == pytest.approx(row["value"], abs=1e-6)
    assert found[3].now is None


def test_a_run_behind_it_may_be_damaged(tmp_path: Path) -> None:
    run = Run("one_run", tmp_path)
    run.folder.mkdir()
    run.config.write_text("seed: 1\n", encoding="utf-8")
    run.path("metrics").write_bytes(b"PAR1")
    (found,) = claims.compared(REPORT, Source(tmp_path))
    assert (found.run, found.state, found.now) == ("one_run", "unreadable", None)


def test_the_committed_files_are_whole_and_say_the_same() -> None:
    report = claims.report(Source(ROOT / "artifacts"))
    assert report is not None
    assert [claim.number for claim in report.claims] == [1, 2, 3, 4, 5, 6, 7]
    assert markdown(report) == (ROOT / "artifacts" / "claims.md").read_text(encoding="utf-8")
