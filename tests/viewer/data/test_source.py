"""SQL over a store by many threads, while files break and are mended."""

import shutil
import threading
from collections.abc import Hashable
from pathlib import Path

import pytest

from pipeline.errors import InputError
from tests.viewer.handmade import Hand
from viewer.data.source import Source
from viewer.kept import Kept


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(tmp_path, ["no", "yes"])


def test_runs_are_the_folders_with_a_config(hand: Hand, tmp_path: Path) -> None:
    (tmp_path / "run=empty").mkdir()
    assert hand.source.runs() == ["hand"]
    assert hand.source.run("hand").folder == tmp_path / "run=hand"
    assert Source(tmp_path / "nowhere").runs() == []


def test_what_is_typed_is_a_value_not_sql(hand: Hand) -> None:
    question = "SELECT epoch FROM metrics WHERE run = ? ORDER BY epoch"
    assert hand.source.frame(question, "hand")["epoch"].tolist() == [0, 1]
    assert hand.source.frame(question, "' OR true --").empty


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT nothing FROM metrics", "SELECT 1 / ?::INTEGER[]"])
def test_what_is_wrong_is_one_line(hand: Hand, query: str) -> None:
    with pytest.raises(InputError) as told:
        hand.source.frame(query)
    assert "\n" not in str(told.value)
    assert hand.source.frame("SELECT 1 AS one")["one"].tolist() == [1]


@pytest.mark.parametrize("damage", ["cut short", "no Parquet", "empty"])
def test_a_broken_file_is_named_and_a_mended_one_is_read(hand: Hand, damage: str) -> None:
    source, path = hand.source, hand.run.path("metrics")
    content = path.read_bytes()
    assert len(source.frame("SELECT * FROM metrics")) == 2
    path.write_bytes({"cut short": content[:-20], "no Parquet": b"hello", "empty": b""}[damage])
    with pytest.raises(InputError, match="metrics"):
        source.frame("SELECT * FROM metrics WHERE run = 'hand'")
    assert len(source.frame("SELECT * FROM classes")) == 2  # other tables answer
    path.write_bytes(content)
    assert len(source.frame("SELECT * FROM metrics")) == 2


def test_a_table_that_comes_or_goes_is_seen(hand: Hand) -> None:
    source = hand.source
    assert source.frame("SELECT * FROM mapped").empty
    hand.run.write("mapped", {"example": [3, 1]})
    source = hand.source
    assert source.frame("SELECT example FROM mapped ORDER BY example")["example"].tolist() == [1, 3]
    hand.run.path("mapped").unlink()
    assert source.frame("SELECT * FROM mapped").empty


def test_threads_ask_at_once(hand: Hand) -> None:
    source = hand.source
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        for _ in range(5):
            answers[number] = int(source.frame("SELECT ? + count(*) AS sum FROM metrics", number)["sum"][0])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == {number: number + 2 for number in range(8)}


def test_an_answer_is_made_once_for_all_sessions_and_anew_when_a_table_or_the_config_changes(hand: Hand) -> None:
    kept: Kept[Hashable, int] = Kept(8)
    made: list[str] = []

    def asked(key: str = "one", source: Source = hand.source) -> int:
        def make() -> int:
            made.append(key)
            return len(made)

        return source.once(kept, "hand", ("metrics",), key, make)

    assert [asked(), asked(), asked(source=Source(hand.source.artifacts))] == [1, 1, 1]
    assert [asked("other"), asked()] == [2, 1]
    for path in (hand.run.path("metrics"), hand.run.config):
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert asked() == len(made)
        path.write_bytes(content)
    assert made == ["one", "other", "one", "one"]


def test_a_run_that_comes_while_another_is_damaged_is_not_taken_for_empty(hand: Hand, tmp_path: Path) -> None:
    """Where a file is damaged the views name those that are whole; what is asked of them then is kept."""
    source, kept = hand.source, Kept[Hashable, int](8)

    def epochs(run: str) -> int:
        question = "SELECT count(*) AS epochs FROM metrics WHERE run = ?"
        return source.once(kept, run, ("metrics",), None, lambda: int(source.frame(question, run)["epochs"][0]))

    path = hand.run.path("metrics")
    shutil.copytree(hand.run.folder, tmp_path / "later")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError):
        epochs("hand")
    (tmp_path / "later").rename(tmp_path / "run=later")
    assert epochs("later") == 2
