"""Selections as text for a link and as files under a name: what goes in comes out, anything else is refused."""

import base64
import json
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.store import Run
from viewer.data import selections
from viewer.data.selections import NOTHING, Selection, decode, encode

ROWS = st.integers(0, 2**31 - 1)
EXAMPLES = st.sets(ROWS).map(lambda rows: tuple(sorted(rows)))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(steps: list[int]) -> str:
    """What `encode` would write for these steps, were they allowed."""
    planes = b"".join(bytes(step >> shift & 255 for step in steps) for shift in (0, 8, 16, 24))
    return base64.urlsafe_b64encode(zlib.compress(planes, 9)).decode().rstrip("=")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("tiny", tmp_path / "artifacts")


@given(EXAMPLES)
@example(())
@example((0,))
@example((2**31 - 1,))
@example(tuple(range(25_000, 50_000)))
def test_examples_come_back_from_their_text(examples: tuple[int, ...]) -> None:
    text = encode(Selection(examples))
    assert set(text) <= set(ALPHABET)
    assert decode(text) == examples


def test_the_text_is_what_the_format_says() -> None:
    assert encode(Selection((3, 4, 300, 70_000))) == packed([3, 1, 296, 69_700])


def test_half_of_500_reviews_of_25000_fit_in_a_link_with_room_to_spare() -> None:
    rows = np.sort(np.random.default_rng(0).choice(25_000, 500, replace=False))
    assert len(encode(Selection(tuple(rows.tolist())))) < 750
    assert len(encode(Selection(tuple(rows[::2].tolist())))) < 450


@given(st.text())
@example("é")
@example("AAAA")
@example("\ud800")
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        decode(text)


@given(EXAMPLES.filter(bool), st.data())
def test_a_damaged_text_never_stands_for_other_examples(examples: tuple[int, ...], data: st.DataObject) -> None:
    text = encode(Selection(examples))
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(ALPHABET + "+/= \n").filter(lambda letter: letter != text[place]))
    for longer_or_shorter in (text[:place] + letter + text[place:], text[:-1], text + "=", text + "\n"):
        with pytest.raises(InputError, match="damaged"):
            decode(longer_or_shorter)
    try:
        found = decode(text[:place] + letter + text[place + 1 :])
    except InputError:
        return
    assert found == examples  # a few bits of the format mean nothing


@pytest.mark.parametrize(
    "steps",
    [[5, 0], [0, 0], [2**31], [2**31 - 1, 1], [2**32 - 1, 2**32 - 1], [1] * 1_000_001],
    ids=["same twice", "zero twice", "too large", "grows too large", "overflows", "too many"],
)
def test_numbers_that_no_selection_holds_are_refused(steps: list[int]) -> None:
    with pytest.raises(InputError, match="damaged"):
        decode(packed(steps))


def test_what_follows_the_packed_numbers_is_refused() -> None:
    more = zlib.compress(bytes(4), 9) + b"more"
    with pytest.raises(InputError, match="damaged"):
        decode(base64.urlsafe_b64encode(more).decode().rstrip("="))


def test_a_million_examples_are_the_most() -> None:
    assert decode(packed([1] * 1_000_000))[-1] == 1_000_000


def test_a_small_text_that_unpacks_to_much_is_refused_without_unpacking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(bytes(10**9), 9)).decode().rstrip("=")
    unpacked: list[int] = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self) -> None:
            self.inner = real()

        def decompress(self, data: bytes, most: int) -> bytes:
            result = self.inner.decompress(data, most)
            unpacked.append(len(result))
            return result

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    monkeypatch.setattr(selections.zlib, "decompressobj", Watched)
    with pytest.raises(InputError, match="damaged"):
        decode(bomb)
    assert unpacked == [4_000_001]


@given(EXAMPLES, st.text())
def test_a_saved_selection_comes_back(
    tmp_path_factory: pytest.TempPathFactory, examples: tuple[int, ...], condition: str
) -> None:
    run = Run("tiny", tmp_path_factory.mktemp("store"))
    saved = selections.save(run, " The Köln-reviews_2 ", Selection(examples, condition))
    assert saved == Selection(examples, condition, "The Köln-reviews_2", "tiny")
    assert selections.load(run, "The Köln-reviews_2") == saved


def test_saved_names_are_listed_replaced_and_removed(run: Run) -> None:
    assert selections.saved(run) == []
    for name in ("beta", "Alpha", "gamma"):
        selections.save(run, name, NOTHING)
    selections.save(run, "beta", Selection((1, 2)))
    assert selections.saved(run) == ["Alpha", "beta", "gamma"]
    assert selections.load(run, "beta").examples == (1, 2)
    selections.remove(run, "beta")
    selections.remove(run, "beta")
    assert selections.saved(run) == ["Alpha", "gamma"]
    with pytest.raises(InputError, match="no selection 'beta' is saved"):
        selections.load(run, "beta")
    assert selections.saved(Run("other", run.artifacts)) == []


def test_they_lie_outside_the_run_s_own_folder(run: Run) -> None:
    """DVC deletes what a stage writes before it runs the stage again."""
    selections.save(run, "mine", NOTHING)
    assert not run.folder.exists()
    assert [path.name for path in run.selections.iterdir()] == ["mine.json"]


def test_two_spellings_of_one_name_in_unicode_are_one_name(run: Run) -> None:
    selections.save(run, "Ko\u0308ln", Selection((7,)))
    assert selections.load(run, "K\u00f6ln").examples == (7,)


BAD_NAMES = [
    "",
    "  ",
    "..",
    "../up",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "a.b",
    "x" * 61,
    "a\nb",
    "a\0b",
    "<b>",
    "\ud800",
    "😀",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_other_names_are_refused_everywhere(run: Run, name: str) -> None:
    for act in (
        lambda: selections.save(run, name, NOTHING),
        lambda: selections.load(run, name),
        lambda: selections.remove(run, name),
    ):
        with pytest.raises(InputError, match="letters, digits, spaces"):
            act()


def test_the_longest_name_fits_a_file_system(run: Run) -> None:
    name = "\N{MATHEMATICAL SCRIPT CAPITAL A}" * 60  # four bytes each
    selections.save(run, name, Selection((1,)))
    assert selections.load(run, name).examples == (1,)


DAMAGED = {
    "cut short": '{"condition": "", "examples": [1, 2',
    "empty": "",
    "not JSON": "PAR1",
    "a list": "[1, 2]",
    "no examples": '{"condition": ""}',
    "no condition": '{"examples": [1]}',
    "text for a number": '{"condition": "", "examples": ["1"]}',
    "a fraction": '{"condition": "", "examples": [1.5]}',
    "not rising": '{"condition": "", "examples": [2, 1]}',
    "twice": '{"condition": "", "examples": [1, 1]}',
    "true for a number": '{"condition": "", "examples": [true]}',
    "negative": '{"condition": "", "examples": [-1]}',
    "too large": '{"condition": "", "examples": [2147483648]}',
    "deeply nested": "[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_one_line_that_names_it(run: Run, content: str) -> None:
    selections.save(run, "mine", Selection((1,)))
    path = run.selections / "mine.json"
    path.write_text(content)
    with pytest.raises(InputError, match="not a saved selection") as told:
        selections.load(run, "mine")
    assert str(path) in str(told.value)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not a saved selection"):
        selections.load(run, "mine")
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="Is a directory"):
        selections.load(run, "mine")


def test_what_is_kept_for_a_link_has_one_name_and_no_place_in_the_list(run: Run) -> None:
    one, other = Selection((1, 2), "wrong"), Selection((1, 2), "right")
    name = selections.keep_for_link(run, one)
    assert selections.keep_for_link(run, one) == name != selections.keep_for_link(run, other)
    assert selections.load(run, name) == Selection((1, 2), "wrong", "", "tiny")
    assert selections.saved(run) == []
    assert json.loads((run.selections / f"{name}.json").read_text()) == {"condition": "wrong", "examples": [1, 2]}


def test_of_what_is_kept_for_links_the_last_stay(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST_LINKS", 3)
    selections.save(run, "link-mine", Selection((7,)))  # a person's name
    names = []
    for number in range(3):
        names.append(selections.keep_for_link(run, Selection((number,))))
        os.utime(run.selections / f"{names[-1]}.json", (number, number))
    selections.keep_for_link(run, Selection((0,)))  # put into a link again
    last = selections.keep_for_link(run, Selection((9,)))
    assert {path.stem for path in run.selections.iterdir()} == {"link-mine", names[0], names[2], last}
