"""The importer of the official archive: same rows as the committed corpus, exact text, one line for a mistake."""

import gzip
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.data import aclimdb

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "artifacts" / "corpora" / "imdb.parquet"
BEFORE = b"the file of before"
Capture = pytest.CaptureFixture[str]
Make = Callable[[Path, dict[str, bytes]], Path]
REVIEWS = {
    "test/pos/0_10.txt": "The best.<br /><br />Twice \U0001f600".encode(),
    "test/neg/0_1.txt": b"one\r\ntwo\rthree\nfour\n",
    "train/pos/10_7.txt": " spaces kept \u00a0".encode(),
    "train/pos/9_8.txt": "\ufeffa byte order mark \x85".encode(),
    "train/neg/2_4.txt": b"",
}
IGNORED = {
    "README": b"read me",
    "imdb.vocab": b"the",
    "train/unsup/0_0.txt": b"no label",
    "train/labeledBow.feat": b"1 0:1",
    "train/urls_pos.txt": b"http://",
    "train/pos/.DS_Store": b"\xff",
    "train/pos/deeper/1_1.txt": b"not a review",
}
ROWS = [
    ("train", "train/neg/2_4", "neg", 4, ""),
    ("train", "train/pos/9_8", "pos", 8, "\ufeffa byte order mark \x85"),
    ("train", "train/pos/10_7", "pos", 7, " spaces kept \u00a0"),
    ("test", "test/neg/0_1", "neg", 1, "one\r\ntwo\rthree\nfour\n"),
    ("test", "test/pos/0_10", "pos", 10, "The best.<br /><br />Twice \U0001f600"),
]


def folder(parent: Path, files: dict[str, bytes]) -> Path:
    root = parent / "aclImdb"
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def archive(parent: Path, files: dict[str, bytes]) -> Path:
    path = parent / "some.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("aclImdb/train/pos/5_5.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: Path | str) -> None:
    monkeypatch.setattr(sys, "argv", ["aclimdb", *map(str, arguments)])
    aclimdb.main()


def rows(path: Path) -> list[tuple]:
    return [tuple(row.values()) for row in pq.read_table(path, partitioning=None).to_pylist()]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "imdb.parquet"
    path.parent.mkdir()
    path.write_bytes(BEFORE)
    return path


def test_archive_and_folder_give_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path, REVIEWS | IGNORED)
    written = []
    for source in (archive(tmp_path, REVIEWS | IGNORED), root, tmp_path):
        output = tmp_path / "new" / f"{len(written)}.parquet"
        run(monkeypatch, source, "--output", output)
        assert rows(output) == ROWS
        written.append(output.read_bytes())
    assert len(set(written)) == 1
    assert [path.name for path in (tmp_path / "new").glob("*.partial")] == []


def test_rows_and_schema_are_those_of_the_committed_corpus(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = pq.read_table(COMMITTED, partitioning=None)
    some = committed.take(pa.array(range(0, committed.num_rows, 997)))
    files = {f"{row['id']}.txt": row["text"].encode() for row in reversed(some.to_pylist())}
    run(monkeypatch, folder(tmp_path, files), "--output", output)
    assert pq.read_table(output, partitioning=None).equals(some)
    assert pq.read_schema(output).equals(pq.read_schema(COMMITTED), check_metadata=True)
    ours, theirs = pq.read_metadata(output), pq.read_metadata(COMMITTED)
    assert ours.num_row_groups == theirs.num_row_groups == 1
    for column in range(theirs.num_columns):
        assert ours.row_group(0).column(column).compression == theirs.row_group(0).column(column).compression


def test_counts_that_differ_are_said(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(aclimdb, "EXPECTED", 1)
    run(monkeypatch, folder(tmp_path, REVIEWS), "--output", output)
    told = capsys.readouterr()
    assert told.err == "warning: train/pos: 2 reviews, expected 1\n"
    assert told.out == f"{output}: 5 reviews written\n"


def test_the_official_counts_are_expected(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    run(monkeypatch, folder(tmp_path, {"train/pos/9_8.txt": b"good"}), "--output", output)
    assert capsys.readouterr().err.splitlines() == [
        "warning: train/neg: 0 reviews, expected 12,500",
        "warning: train/pos: 1 reviews, expected 12,500",
        "warning: test/neg: 0 reviews, expected 12,500",
        "warning: test/pos: 0 reviews, expected 12,500",
    ]


def test_expected_counts_are_one_line_and_another_archive_is_a_warning(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(aclimdb, "EXPECTED", 1)
    four = {name: content for name, content in REVIEWS.items() if name != "train/pos/10_7.txt"}
    source = archive(tmp_path, four)
    run(monkeypatch, source, "--output", output)
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == f"{source}: 4 reviews, 1 per split and label as expected"
    (warning,) = told.err.splitlines()
    assert warning.startswith(f"warning: {source}: md5 ")
    assert aclimdb.MD5 in warning


def test_the_official_archive_is_no_warning(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = archive(tmp_path, REVIEWS)
    run(monkeypatch, source, "--output", output)
    found = capsys.readouterr().err.partition("md5 ")[2][:32]
    monkeypatch.setattr(aclimdb, "MD5", found)
    run(monkeypatch, source, "--output", output)
    assert "md5" not in capsys.readouterr().err


def refused(source: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, said: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, source, "--output", output)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert str(source) in line
    assert said in line
    assert output.read_bytes() == BEFORE
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize("make", [archive, folder])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("train/pos/notes.txt", b"", "train/pos/notes.txt': the name is not <number>_<rating>.txt"),
        ("test/neg/1_1.txt.bak", b"", "test/neg/1_1.txt.bak': the name is not"),
        ("test/neg/\u0661_1.txt", b"", "the name is not"),
        (f"test/neg/{'1' * 200}_1.txt", b"", "the name is not"),
        ("test/neg/1_0.txt", b"", "test/neg/1_0.txt': the rating 0 is not in 1 to 10"),
        ("test/neg/1_11.txt", b"", "test/neg/1_11.txt': the rating 11 is not in 1 to 10"),
        ("test/neg/1_1.txt", b"good \xff", "test/neg/1_1.txt': not UTF-8 at byte 5"),
        ("train/pos/9_9.txt", b"", "the number 9 is taken by 'aclImdb/train/pos/9_8.txt'"),
    ],
)
def test_a_bad_file_is_named(
    make: Make,
    name: str,
    content: bytes,
    said: str,
    tmp_path: Path,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    source = make(tmp_path, REVIEWS | {name: content})
    refused(tmp_path if make is folder else source, output, monkeypatch, capsys, said)


def test_a_member_that_is_there_twice_is_refused(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = archive(tmp_path, {"train/pos/1_9.txt": b"a", "../aclImdb/train/pos/1_9.txt": b"b"})
    refused(source, output, monkeypatch, capsys, "the number 1 is taken by 'aclImdb/train/pos/1_9.txt'")


@pytest.mark.parametrize("make", [archive, folder])
def test_no_reviews_is_an_error(
    make: Make, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    refused(make(tmp_path, IGNORED), output, monkeypatch, capsys, "no reviews; they are looked for in")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", gzip.compress(b"not a tar" * 200, mtime=0)])
def test_not_a_tar_gz(
    content: bytes, tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = tmp_path / "reviews"
    source.write_bytes(content)
    refused(source, output, monkeypatch, capsys, "not a whole tar.gz")


def test_neither_file_nor_folder(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = tmp_path / "pipe"
    os.mkfifo(source)
    refused(source, output, monkeypatch, capsys, "neither a tar.gz nor a folder")


def test_an_archive_cut_short_anywhere_is_refused(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = archive(tmp_path, REVIEWS)
    whole = source.read_bytes()
    for length in (5, 20, len(whole) // 2, len(whole) - 30, len(whole) - 8, len(whole) - 1):
        source.write_bytes(whole[:length])
        refused(source, output, monkeypatch, capsys, "not a whole tar.gz")


def test_a_changed_byte_in_an_archive_is_refused(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = archive(tmp_path, REVIEWS)
    whole = bytearray(source.read_bytes())
    whole[-6] ^= 1  # in the checksum
    source.write_bytes(whole)
    refused(source, output, monkeypatch, capsys, "not a whole tar.gz (CRC check failed")


def test_the_output_may_not_be_a_folder_nor_lie_in_a_file(
    tmp_path: Path, output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    source = folder(tmp_path, REVIEWS)
    for wrong, said in ((tmp_path, "a folder; name a file"), (output / "imdb.parquet", "cannot be written")):
        with pytest.raises(SystemExit) as stopped:
            run(monkeypatch, source, "--output", wrong)
        assert stopped.value.code == 2
        assert f"error: {wrong}: {said}" in capsys.readouterr().err
    assert output.read_bytes() == BEFORE


def test_a_missing_path_from_the_command_line(tmp_path: Path, output: Path) -> None:
    command = [sys.executable, "-m", "pipeline.data.aclimdb", "missing.tar.gz", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: missing.tar.gz: no such file or folder; name aclImdb_v1.tar.gz or its unpacked folder\n"
    )
    assert output.read_bytes() == BEFORE
