"""The state in the address: what was shown is shown again, and whatever an address holds, a page can be shown."""

import math
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from tests.project import Project
from tests.stored import Stored
from tests.viewer.addresses import reopened
from viewer import link
from viewer.controls import CONTROLS
from viewer.data import conditions, selections
from viewer.data.selections import NOTHING, Selection
from viewer.data.source import Source
from viewer.plots.points import FIRST_CHOICES
from viewer.state import FIRST_TEXT, PAGES, PALETTES, State

LAST = 3  # epoch of the tiny run
KEYS = ["run", "epoch", "text", "text_of", "text_kept", "second", "second_of", "second_kept", "example", "pinned"]
KEYS += ["selection", *CONTROLS]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@pytest.fixture
def mapped(stored: Stored) -> tuple[int, ...]:
    return tuple(stored.table("mapped")["example"].to_pylist())


def values(state: State) -> dict[str, object]:
    return {name: value for name, value in state.param.values().items() if name not in ("name", "notice")}


def test_a_bare_address_opens_the_first_run_at_its_last_epoch(state: State) -> None:
    assert (state.run, state.epoch, state.text, state.page) == ("tiny", LAST, FIRST_TEXT, "words")
    assert link.query(state) == {"run": "tiny"}


def test_the_run_paper_is_the_default_where_there_is_one(workshop: Project) -> None:
    (workshop.artifacts / "run=paper").mkdir()
    for path in workshop.results.iterdir():
        os.symlink(path, workshop.artifacts / "run=paper" / path.name)
    state = State(Source(workshop.artifacts))
    assert link.restore(state, {}) == []
    assert state.run == "paper"
    assert link.query(state) == {}
    assert link.restore(state, {"run": "tiny", "other": "paper"}) == []
    assert link.query(reopened(state)) == {"run": "tiny", "other": "paper"}


@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "page": st.sampled_from(PAGES),
            "epoch": st.integers(0, LAST),
            "text": TEXT,
            "second": TEXT,
            "view": st.sampled_from(["checkpoints", "texts", "compare"]),
            "measure": st.sampled_from(["probability", "log-odds"]),
            "threshold": st.floats(0, 1),
            "each_row": st.booleans(),
            "checkpoints": st.sets(st.integers(0, LAST)).map(sorted),
            "grid": st.sets(st.integers(0, LAST)).map(sorted),
            "palette": st.sampled_from(list(PALETTES)),
            "theme": st.sampled_from(["light", "dark"]),
            "color_by": st.sampled_from(list(FIRST_CHOICES)),
            "true_size": st.booleans(),
            "badly_placed": st.booleans(),
            "trails": st.booleans(),
            "other_run": st.sampled_from(["", "tiny"]),
        },
    ),
    chosen=st.sets(st.integers(0, 59)),
)
@example(changes={"threshold": 5e-324}, chosen=set())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_link_reopens_the_same_view(
    source: Source, mapped: tuple[int, ...], changes: dict[str, object], chosen: set[int]
) -> None:
    state = State(source)
    link.restore(state, {})
    state.param.update(selection=Selection(tuple(mapped[row] for row in sorted(chosen))), **changes)
    query = link.query(state)
    other = reopened(state)
    assert values(other) == values(state)
    assert link.query(other) == query
    changed = {name for name, value in changes.items() if value != values(defaults(source))[name]}
    keys = {name: key for key, name in CONTROLS.items()}
    assert set(query) == {keys.get(name, name) for name in changed} | {"run"} | ({"selection"} if chosen else set())


def defaults(source: Source) -> State:
    state = State(source)
    link.restore(state, {})
    return state


def test_what_a_link_does_not_name_goes_back_to_the_default(state: State, mapped: tuple[int, ...]) -> None:
    state.param.update(page="sql", epoch=1, theme="dark", selection=Selection(mapped[:2]), checkpoints=[1], text="x")
    assert link.restore(state, {}) == []
    assert values(state) == values(defaults(state.source))


def test_everything_changes_at_once(state: State) -> None:
    seen: list[tuple[object, ...]] = []
    state.param.watch(lambda *_: seen.append((state.epoch, state.text, state.page)), ["epoch", "text", "page"])
    link.restore(state, {"run": "tiny", "epoch": "1", "text": "a", "page": "sql"})
    assert seen == [(1, "a", "sql")]


def test_a_stored_review_travels_as_its_number(state: State, stored: Stored) -> None:
    row = stored.rows("examples")[3]
    state.take_text(row["text"], row["example"])
    assert link.query(state) == {"run": "tiny", "example": str(row["example"])}
    other = reopened(state)
    assert (other.text, other.example) == (row["text"], row["example"])


def test_a_review_that_was_clicked_travels_as_its_number(state: State, stored: Stored, mapped: tuple[int, ...]) -> None:
    state.pinned = mapped[4]
    assert link.query(state) == {"run": "tiny", "pinned": str(mapped[4])}
    assert reopened(state).pinned == mapped[4]
    unmapped = min(set(stored.table("examples")["example"].to_pylist()) - set(mapped))
    for asked in (str(unmapped), "-1", "x", "", "9" * 30):
        (line,) = link.restore(state, {"pinned": asked})
        assert line.endswith("is not on the maps of run tiny")
        assert state.pinned is None
    state.pinned = mapped[4]
    state.choose_run("tiny")
    assert state.pinned is None


@pytest.mark.parametrize("name", ["question", "texts"])
def test_a_long_control_is_kept_in_a_file_and_the_link_names_it(state: State, no_saved: Path, name: str) -> None:
    text = "SELECT 1 -- " + "\u00fc'&" * 1000
    key = next(key for key, parameter in CONTROLS.items() if parameter == name)
    for length in (2000, 2001, len(text)):
        setattr(state, name, text[:length])
        assert link.query(state)[key].startswith("saved:text-") == (length > 2000)
        assert len(link.written(link.query(state))) < 12_100
        assert getattr(reopened(state), name) == text[:length]
    for path in no_saved.iterdir():
        path.write_text("DROP")
    other = State(state.source)
    (line,) = link.restore(other, link.query(state) | {"theme": "dark"})
    assert "not the text that was kept" in line
    assert (getattr(other, name), other.theme) == ("", "dark")


def test_a_long_control_that_cannot_be_written_is_told(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.store.write_text", full)
    state.question = "SELECT 1 -- " + "x" * 2000
    assert link.query(state) == {"run": "tiny", "sql": "saved:"}
    assert link.restore(state, link.query(state)) == [
        "sql was too long for a link and could not be saved where the link was made"
    ]
    assert state.question == ""


def test_a_selection_by_a_condition_travels_as_it_and_means_the_same_at_another_epoch(state: State) -> None:
    assert link.restore(state, {"epoch": "0", "selection": "wrong"}) == []
    chosen = state.selection
    assert chosen.examples
    assert chosen.condition == "at:0 and wrong"
    state.epoch = 2
    assert link.query(state)["selection"] == "at:0 and wrong"
    assert reopened(state).selection == chosen


def test_a_condition_in_sql_is_left_to_be_looked_for(state: State) -> None:
    assert link.restore(state, {"epoch": "1", "selection": "wrong and sql:length > 3"}) == []
    assert state.selection == NOTHING
    assert state.asked == conditions.parse("at:1 and wrong and sql:length > 3")
    assert reopened(state).asked == state.asked
    state.select(Selection((1, 2), state.asked.text(), run="tiny"))
    assert state.asked is None
    assert reopened(state).asked == conditions.parse("at:1 and wrong and sql:length > 3")
    lines = link.restore(state, {"selection": "sql:" + "x" * 2000})
    assert lines == ["the selection of the link: condition: 2,004 characters; at most 2,000 are read"]
    assert state.asked is None


def test_a_condition_asked_of_another_run_travels_as_numbers(
    state: State, mapped: tuple[int, ...], no_saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.select(Selection(mapped[:5], "wrong", "my name", run="another"))
    assert link.query(state)["selection"].startswith("ids:")
    assert reopened(state).selection == Selection(mapped[:5])
    monkeypatch.setattr(link, "LONGEST_SELECTION", 5)
    assert link.query(state)["selection"].startswith("saved:link-")
    assert reopened(state).selection == Selection(mapped[:5], run="tiny")
    state.select(Selection((), "wrong", run="another"))
    assert "selection" not in link.query(state)


def test_a_named_selection_travels_as_its_name(state: State, mapped: tuple[int, ...], no_saved: Path) -> None:
    chosen = selections.save(state.source.run("tiny"), "my own", Selection(mapped[:5]))
    state.select(chosen)
    assert link.query(state)["selection"] == "saved:my own"
    assert reopened(state).selection == chosen
    selections.remove(state.source.run("tiny"), "my own")
    other = State(state.source)
    lines = link.restore(other, link.query(state))
    assert lines == ["the selection of the link: no selection 'my own' is saved for run 'tiny'"]
    assert other.selection == NOTHING


def test_a_selection_too_long_for_a_link_is_saved_and_the_link_names_it(
    state: State, mapped: tuple[int, ...], no_saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LONGEST_SELECTION", 20)
    state.select(Selection(mapped[::2]))
    value = link.query(state)["selection"]
    assert value.startswith("saved:link-")
    assert [path.name for path in no_saved.iterdir()] == [value.removeprefix("saved:") + ".json"]
    assert reopened(state).selection.examples == mapped[::2]
    assert link.query(reopened(state)) == link.query(state)
    condition = "label:pos and " * 3 + "right"
    link.restore(state, {"selection": condition})
    chosen = state.selection
    assert link.query(state)["selection"].startswith("saved:link-")
    assert reopened(state).selection == chosen
    next(no_saved.iterdir()).write_text("{")
    lines = [line for path in no_saved.iterdir() for line in link.restore(state, {"selection": f"saved:{path.stem}"})]
    assert [line for line in lines if "not a saved selection" in line] == lines[:1]


def test_where_no_file_can_be_written_the_link_says_so(
    state: State, mapped: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(link, "LONGEST_SELECTION", 20)
    monkeypatch.setattr(selections.store, "write_text", full)
    state.select(Selection(mapped[::2]))
    assert link.query(state) == {"run": "tiny", "selection": "not-saved"}
    assert link.restore(state, link.query(state)) == [
        "the selection was too long for a link and could not be saved where the link was made"
    ]
    assert state.selection == NOTHING


def test_reviews_that_are_not_on_the_maps_are_left_out_and_counted(
    state: State, stored: Stored, mapped: tuple[int, ...]
) -> None:
    unmapped = sorted(set(stored.table("examples")["example"].to_pylist()) - set(mapped))[:3]
    ids = selections.encode(Selection(tuple(sorted((*mapped[:4], *unmapped)))))
    assert link.restore(state, {"selection": f"ids:{ids}"}) == [
        "3 of the 7 selected reviews are not on the maps of run tiny"
    ]
    assert state.selection == Selection(mapped[:4])


AMISS = {
    "run": ({"run": "gone"}, 'run "gone" of the link is not in this store; showing run tiny instead', {}),
    "a path for a run": ({"run": "../x"}, 'run "../x" of the link is not in this store; showing run tiny instead', {}),
    "epoch": ({"epoch": "99"}, "epoch 99 of the link is not in run tiny; showing epoch 3", {"epoch": 3}),
    "epoch below": ({"epoch": "-4"}, "epoch -4 of the link is not in run tiny; showing epoch 0", {"epoch": 0}),
    "epoch text": ({"epoch": "x"}, 'epoch "x" of the link is not a number; showing the last, 3', {"epoch": 3}),
    "epoch huge": ({"epoch": "9" * 5000}, f'epoch "{"9" * 39}…" of the link is not a number; showing the last, 3', {}),
    "example": ({"example": "999999999"}, 'review "999999999" of the link is not in run tiny', {"example": None}),
    "example text": ({"example": "1 OR 1"}, 'review "1 OR 1" of the link is not in run tiny', {"text": FIRST_TEXT}),
    "page": ({"page": "secret"}, 'page="secret" of the link is not possible; taken as words', {"page": "words"}),
    "grey": ({"grey": "7"}, "grey=7 of the link is out of range; taken as 1", {"threshold": 1.0}),
    "grey below": ({"grey": "-7"}, "grey=-7 of the link is out of range; taken as 0", {"threshold": 0.0}),
    "grey nan": ({"grey": "nan"}, 'grey="nan" of the link is not possible; taken as 0.1', {"threshold": 0.1}),
    "alone": ({"alone": "1"}, 'alone="1" of the link is not possible; taken as no', {"each_row": False}),
    "rows": ({"rows": "0,1,77"}, "rows of the link: run tiny has no epoch 77", {"checkpoints": [0, 1]}),
    "grid epochs": ({"grid": "3,77,2"}, "grid of the link: run tiny has no epoch 77", {"grid": [2, 3]}),
    "rows text": ({"rows": "0;1"}, 'rows="0;1" of the link is not possible; taken as nothing', {"checkpoints": []}),
    "other": ({"other": "gone"}, 'run "gone", to compare with, is not in this store', {"other_run": ""}),
    "ids": ({"selection": "ids:xyz"}, "the selection of the link: the list of selected reviews is damaged", {}),
    "condition": ({"selection": "boring"}, 'the selection of the link: condition: cannot read "boring"', {}),
    "no such epoch": ({"selection": "flipped:0-9"}, "the selection of the link: epoch 9 is not in run tiny", {}),
    "saved": ({"selection": "saved:../../etc"}, "the selection of the link: the name of a selection: letters", {}),
}


@pytest.mark.parametrize(("query", "line", "shown"), AMISS.values(), ids=AMISS.keys())
def test_what_is_amiss_is_one_plain_line_and_the_rest_is_shown(
    state: State, query: dict[str, str], line: str, shown: dict[str, object]
) -> None:
    lines = link.restore(state, {"theme": "dark"} | query)
    assert len(lines) == 1
    assert lines[0].startswith(line)
    assert "\n" not in lines[0]
    assert state.theme == "dark"
    assert state.run == "tiny"
    assert state.selection == NOTHING
    assert {name: getattr(state, name) for name in shown} == shown


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), st.text(max_size=80), max_size=12))
@example(dict.fromkeys(KEYS, "\ud800"))
@example(dict.fromkeys(KEYS, "\0"))
@example(dict.fromkeys(KEYS, ""))
@example(dict.fromkeys(KEYS, "9" * 5000))
@example(dict.fromkeys(KEYS, "' OR 1=1; DROP TABLE mapped; --"))
@example(dict.fromkeys(KEYS, "<img src=x onerror=alert(1)>"))
@example({"selection": "sql:" + "(" * 50_000})
@example({"selection": "sql:" + "x" * 1800})
@example({"selection": "saved:link-0123456789abcdef"})
@example(dict.fromkeys(KEYS, "saved:text-0123456789abcdef"))
def test_no_text_makes_an_error(source: Source, query: dict[str, str]) -> None:
    state = State(source)
    lines = link.restore(state, query)
    assert all(line and "\n" not in line for line in lines)
    assert state.run == "tiny"
    again = link.read(link.written(link.query(state)))
    other = State(source)
    assert [line for line in link.restore(other, again) if "too long for a link" not in line] == []
    assert other.selection == state.selection


@given(st.text(max_size=200))
@example("?" + "&".join(f"a{number}=1" for number in range(1000)))
@example("%ff%fe=%ed%a0%80")
def test_any_address_can_be_read(search: str) -> None:
    assert all(isinstance(part, str) for pair in link.read(search).items() for part in pair)


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=20))
def test_a_query_comes_back_from_the_address(query: dict[str, str]) -> None:
    search = link.written(query)
    assert search.isascii()
    assert not set(search) & set(" <>\"'\n")
    assert link.read(search) == query


def test_half_a_character_typed_does_not_stop_the_link(state: State) -> None:
    state.param.update(text="a\ud83d", second="\ud800")
    other = State(state.source)
    assert link.restore(other, link.read(link.written(link.query(state)))) == []
    assert (other.text, other.second) == ("a?", "?")


def test_of_a_key_given_twice_the_first_counts() -> None:
    assert link.read("?run=a&run=b&page=") == {"run": "a", "page": ""}


def test_a_store_without_runs_is_one_line_with_the_command(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        state = State(Source(folder))
        assert link.restore(state, {"run": "paper", "epoch": "3", "selection": "wrong"}) == [
            f"{folder} holds no finished run yet; build one with: make repro"
        ]
        assert state.run == ""
        assert isinstance(link.query(state), dict)


def test_an_unfinished_run_is_left_out_for_a_finished_one(workshop: Project) -> None:
    (workshop.artifacts / "run=paper").mkdir()
    (workshop.artifacts / "run=paper" / "config.yaml").write_text((workshop.results / "config.yaml").read_text())
    state = State(Source(workshop.artifacts))
    lines = link.restore(state, {})
    assert state.run == "tiny"
    assert len(lines) == 1
    assert lines[0].startswith("run 'paper' has no table classes yet")
    assert lines[0].endswith("showing run tiny instead")
    for path in workshop.results.glob("*.parquet"):
        path.unlink()
    assert len(link.restore(state, {"run": "tiny"})) == 1
    assert state.run == "tiny", "what was shown stays"
    state = State(Source(workshop.artifacts))
    assert len(link.restore(state, {"run": "tiny"})) == 1
    assert state.run == ""


def test_a_damaged_table_is_a_line_and_no_error(workshop: Project) -> None:
    state = State(Source(workshop.artifacts))
    link.restore(state, {})
    query = {"example": "1", "selection": "wrong", "page": "layers"}
    for table in ("predictions", "mapped", "examples"):
        path = workshop.results / f"{table}.parquet"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert link.restore(state, query)
        assert math.isfinite(state.epoch)
    with pytest.raises(InputError):
        state.source.frame("SELECT text FROM examples")


def test_the_colour_of_points_is_one_there_is(stored: Stored) -> None:
    """The columns of the run's own corpus are; anything else is named, not taken silently."""
    state = State(Source(Path("artifacts").absolute()))
    attribute = next(name for row in stored.mapped for name, _ in row["attributes"])
    for good in ("right", "confidence", attribute):
        assert link.restore(state, {"run": "tiny", "color": good}) == []
        assert state.color_by == good
    for wrong in ("<img>", "", "snippet", "PREDICTED"):
        (said,) = link.restore(state, {"run": "tiny", "color": wrong})
        assert said == f'color="{wrong}" of the link is not possible; taken as predicted'
        assert state.color_by == "predicted"
