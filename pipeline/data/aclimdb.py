"""The Large Movie Review Dataset as published to `imdb.parquet`. Reads its archive or folder, writes that file.

python -m pipeline.data.aclimdb aclImdb_v1.tar.gz    the official archive, read without unpacking it
python -m pipeline.data.aclimdb aclImdb              its unpacked folder, or the folder that holds it

The reviews are the files {train,test}/{pos,neg}/<number>_<rating>.txt; all others are ignored. Their bytes are kept
as they are. Split and label pairs without the expected 12,500 reviews are named in warnings, and the file is written
all the same. Packing the file takes longer than reading the reviews.
"""

import argparse
import gzip
import hashlib
import re
import sys
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from pipeline.errors import NO_ROOM, InputError, told_in_one_line
from pipeline.store import ARTIFACTS, replacing

OUTPUT = ARTIFACTS / "corpora" / "imdb.parquet"
ARCHIVE = "aclImdb_v1.tar.gz"
MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
FOLDER = "aclImdb"
SPLITS = ("train", "test")  # the order of the rows: by split, label and number
LABELS = ("neg", "pos")
EXPECTED = 12_500  # reviews per split and label
LAYOUT = "{train,test}/{pos,neg}/<number>_<rating>.txt"
FILE_NAME = re.compile(r"([0-9]{1,9})_([0-9]{1,9})\.txt")
COMPRESSION_LEVEL = 19  # slow to write, but the file lies in git; reading is as fast as at any other level
CATEGORY = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema({"split": CATEGORY, "id": pa.string(), "label": CATEGORY, "rating": pa.int8(), "text": pa.string()})


class Review(NamedTuple):
    """One review, with its fields in the order of the rows."""

    split: str
    label: str
    number: int
    rating: int
    id: str
    text: str

    @property
    def place(self) -> tuple[int, int, int]:
        """What rows are sorted by; no two reviews share it."""
        return SPLITS.index(self.split), LABELS.index(self.label), self.number


def is_review(name: str) -> bool:
    """Whether a file lies where reviews lie. Hidden files, which file managers leave behind, do not count."""
    parts = PurePosixPath(name).parts[-3:]
    return len(parts) == 3 and parts[0] in SPLITS and parts[1] in LABELS and not parts[2].startswith(".")


def review(name: str, content: bytes, source: Path) -> Review:
    """The review in a file. Raises InputError naming the file where its name or text is wrong."""
    where = f"{source}: {name!r}"  # quoted, as a name may hold anything
    split, label, file = PurePosixPath(name).parts[-3:]
    found = FILE_NAME.fullmatch(file)
    if found is None:
        raise InputError(f"{where}: the name is not <number>_<rating>.txt; rename the file or take it away")
    number, rating = int(found[1]), int(found[2])
    if not 1 <= rating <= 10:
        raise InputError(f"{where}: the rating {rating} is not in 1 to 10; rename the file or take it away")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 at byte {error.start}; get the file again from {ARCHIVE}") from None
    return Review(split, label, number, rating, f"{split}/{label}/{file.removesuffix('.txt')}", text)


def in_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every review file, in the archive's order. Nothing is extracted to the disk."""
    try:
        # tarfile's own gzip stream takes an archive that is cut short for one that ends; GzipFile does not.
        with gzip.open(path) as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r|") as archive:
                for member in archive:
                    if member.isfile() and is_review(member.name) and (file := archive.extractfile(member)):
                        yield member.name, file.read()
            while unpacked.read(1 << 20):  # to the end, where the checksum is
                pass
    except (EOFError, gzip.BadGzipFile, tarfile.TarError, zlib.error) as error:
        raise InputError(f"{path}: not a whole tar.gz ({error}); get {ARCHIVE} again") from None


def in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every review file, in the order of the names."""
    root = path / FOLDER if (path / FOLDER).is_dir() else path
    for folder in (root / split / label for split in SPLITS for label in LABELS):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = file.relative_to(path).as_posix()
            if is_review(file.as_posix()) and file.is_file():
                yield name, file.read_bytes()


def files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        return in_folder(path)
    if path.is_file():
        return in_archive(path)
    if path.exists():
        raise InputError(f"{path}: neither a tar.gz nor a folder; name {ARCHIVE} or its unpacked folder")
    raise InputError(f"{path}: no such file or folder; name {ARCHIVE} or its unpacked folder")


def read(path: Path) -> list[Review]:
    """All reviews in the order of the rows. Raises InputError where there are none, or one is wrong or there twice."""
    names: dict[tuple[int, int, int], str] = {}
    reviews = []
    try:
        # On a terminal only: elsewhere the warnings and errors stand alone.
        total = EXPECTED * len(SPLITS) * len(LABELS)
        with tqdm(files(path), desc="reviews", total=total, unit="review", disable=None) as progress:
            for name, content in progress:
                one = review(name, content, path)
                if one.place in names:
                    raise InputError(
                        f"{path}: {name!r}: the number {one.number} is taken by {names[one.place]!r}; take one away"
                    )
                names[one.place] = name
                reviews.append(one)
    except OSError as failure:
        raise InputError(
            f"{failure.filename or path}: cannot be read ({failure.strerror or failure}); see to that first"
        ) from None
    if not reviews:
        raise InputError(f"{path}: no reviews; they are looked for in {LAYOUT}, as in {ARCHIVE}")
    return sorted(reviews, key=lambda one: one.place)


def table(reviews: Iterable[Review]) -> pa.Table:
    """The rows as they are stored."""
    rows = list(reviews)
    return pa.table({name: [getattr(one, name) for one in rows] for name in SCHEMA.names}, schema=SCHEMA)


def differences(reviews: Iterable[Review]) -> list[str]:
    """A line for every split and label that has not the expected number of reviews."""
    found = Counter((one.split, one.label) for one in reviews)
    pairs = [(split, label) for split in SPLITS for label in LABELS]
    return [
        f"{split}/{label}: {found[split, label]:,} reviews, expected {EXPECTED:,}"
        for split, label in pairs
        if found[split, label] != EXPECTED
    ]


def other_archive(path: Path) -> list[str]:
    """A line where the archive is not the official one."""
    if path.is_dir():
        return []
    with path.open("rb") as archive:
        found = hashlib.file_digest(archive, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return [] if found == MD5 else [f"{path}: md5 {found}, that of the official {ARCHIVE} is {MD5}"]


def write(reviews: Iterable[Review], output: Path) -> None:
    """Write the file whole or leave what was there. With one version of pyarrow, equal reviews give equal bytes."""
    try:
        with replacing(output) as partial:
            pq.write_table(table(reviews), partial, compression="zstd", compression_level=COMPRESSION_LEVEL)
    except OSError as failure:
        if failure.errno in NO_ROOM:
            raise
        raise InputError(
            f"{output}: cannot be written ({failure.strerror or failure}); choose another --output"
        ) from None


def report(reviews: list[Review], path: Path) -> None:
    """Say on stderr what differs from the official archive, or on stdout that the counts do not."""
    counts = differences(reviews)
    for line in other_archive(path) + counts:
        print(f"warning: {line}", file=sys.stderr)
    if not counts:
        print(f"{path}: {len(reviews):,} reviews, {EXPECTED:,} per split and label as expected")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.data.aclimdb",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, metavar="PATH", help=f"{ARCHIVE}, or its unpacked folder")
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="FILE", help="the file to write (default: %(default)s)"
    )
    given = parser.parse_args()
    with told_in_one_line():
        if given.output.is_dir():  # said before minutes of work, not after
            raise InputError(f"{given.output}: a folder; name a file as --output")
        reviews = read(given.path)
        report(reviews, given.path)
        write(reviews, given.output)
        print(f"{given.output}: {len(reviews):,} reviews written")


if __name__ == "__main__":
    main()
