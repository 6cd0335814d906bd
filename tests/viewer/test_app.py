"""The shell: every page opens and follows, the address follows the view, what is wrong is told instead of the pages."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import panel as pn
import pytest

from pipeline.errors import InputError
from tests.project import Project
from tests.stored import Stored
from tests.viewer.later import Later
from viewer import app, design, link
from viewer.app import PAGES, Application, application, nothing_to_show
from viewer.components.address import Address
from viewer.data import sandbox
from viewer.data.selections import Selection
from viewer.pages.beside import Beside
from viewer.pages.page import Page
from viewer.pages.words import Words
from viewer.state import PAGES as NAMES
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")


@pytest.fixture(scope="module", autouse=True)
def one_server(built: Project) -> Iterator[None]:
    """What the sessions of a server share ends with these tests."""
    yield
    app.shared.cache_clear()
    sandbox.shared(built.artifacts).close()
    sandbox.shared.cache_clear()


@pytest.fixture
def artifacts(stored: Stored) -> Path:
    return Path("artifacts").absolute()


def test_pages_stand_in_the_order_of_the_state() -> None:
    assert tuple(PAGES) == NAMES
    assert all(page.title for page in PAGES.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_from_its_link_and_follows(artifacts: Path, name: str) -> None:
    made = Application(artifacts, {"page": name})
    shown = made.pages[name]
    assert made.state.notice == ""
    assert made.view.objects == [shown._view]
    assert list(made.pages) == [name], "pages are made that nobody has opened"
    assert shown._shown
    changes = {
        "epoch": 1, "text": "another good film", "selection": Selection((1, 2)), "color_by": "label", "true_size": True,
        "threshold": 0.3, "measure": "log-odds", "second": "and another", "view": "texts", "checkpoints": [0],
        "grid": [0, 1],
    }  # fmt: skip
    for parameter, value in changes.items():
        made.state.param.update(**{parameter: value})
        assert made.state.notice == "", parameter
    assert not shown._changed


@pytest.mark.parametrize("name", NAMES)
def test_opening_a_page_is_no_step_in_the_history(artifacts: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What a page corrects when it is first shown is part of the view that was asked for."""
    entries: list[dict[str, Any]] = []
    put = Address.put

    def heard(address: Address, *given: Any, **named: Any) -> None:
        put(address, *given, **named)
        entries.append(address.entry)

    monkeypatch.setattr(Address, "put", heard)
    made = Application(artifacts, {"page": name, "epoch": "99", "color": "no such column", "texts": "order=odd"})
    assert [entry["push"] for entry in entries] == [False, False]
    assert entries[-1]["search"] == made.following._search()
    made.state.epoch = 1
    assert entries[-1]["push"] is True


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What makes the first page, in place of its being done."""
    found: list[Callable[[], None]] = []
    monkeypatch.setattr(app, "in_turn", lambda *acts: found.extend(acts))
    return found


def test_the_first_page_is_made_part_by_part_once_the_session_is_there(
    artifacts: Path, parts: list[Callable[[], None]]
) -> None:
    made = Application(artifacts, {"epoch": "99"})
    assert made.pages == {}
    assert made.view.objects == []
    parts[0]()
    words = made.pages["words"]
    assert isinstance(words, Words)
    assert made.view.objects == [words._view]
    assert "epoch 99 of the link" in made.header.notice.object
    assert "Drawing" in words.aside.objects[0].object
    assert not made.beside._shown
    parts[1]()
    assert words.aside.objects == [made.beside._view]
    assert len(parts) == 2


def test_a_page_that_was_left_before_it_was_made_is_not_made(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[Callable[[], None]] = []
    monkeypatch.setattr(app, "in_turn", lambda *acts: parts.extend(acts))
    made = Application(artifacts, {})
    made.state.page = "claims"
    for part in parts:
        part()
    assert list(made.pages) == ["claims"]
    assert made.view.objects == [made.pages["claims"]._view]


def fail(_page: Page) -> None:
    raise ZeroDivisionError


def test_a_page_that_fails_by_our_fault_says_so_and_the_others_go_on(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch, parts: list[Callable[[], None]]
) -> None:
    made = Application(artifacts, {})
    monkeypatch.setattr(Words, "build", fail)
    with pytest.raises(ZeroDivisionError):
        parts[0]()
    assert "a fault of the viewer" in made.view.objects[0].object
    made.state.page = "claims"
    assert made.view.objects == [made.pages["claims"]._view]
    assert "page=claims" in made.address.entry["search"]


def test_maps_that_fail_by_our_fault_leave_the_words(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch, parts: list[Callable[[], None]]
) -> None:
    made = Application(artifacts, {})
    monkeypatch.setattr(Beside, "build", fail)
    parts[0]()
    with pytest.raises(ZeroDivisionError):
        parts[1]()
    words = made.pages["words"]
    assert isinstance(words, Words)
    assert made.view.objects == [words._view]
    assert "a fault of the viewer" in words.aside.objects[0].object


def test_maps_of_a_page_that_has_been_left_are_not_drawn(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Application(artifacts, {"page": "claims"})
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(app, "soon", waiting.append)
    made.state.page = "words"
    made.state.page = "claims"
    waiting.pop()()
    assert not made.beside._shown


def test_from_page_to_page_only_the_shown_one_works(artifacts: Path) -> None:
    made = Application(artifacts, {})
    for name in (*NAMES[1:], "words"):
        made.state.page = name
        assert [other for other, page in made.pages.items() if page._shown] == [name]
        assert made.beside._shown == (name == "words")
    views = {name: page._view for name, page in made.pages.items()}
    for name in NAMES:
        made.state.page = name
        assert made.view.objects == [views[name]]  # built once


def test_what_is_amiss_in_a_link_is_all_said(artifacts: Path) -> None:
    made = Application(artifacts, {"run": "gone", "epoch": "99", "page": "layers"})
    assert 'run "gone" of the link' in made.header.notice.object.replace("&quot;", '"')
    assert "epoch 99 of the link" in made.header.notice.object
    assert made.state.page == "layers"


def test_a_link_with_sql_selects_once_the_page_is_there(
    artifacts: Path, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later(monkeypatch)
    made = Application(artifacts, {"selection": "sql:length > 9"})
    assert made.state.selection.examples == ()
    assert "Selecting …" in made.header.selection.object
    later.done()
    long = sum(row["length"] > 9 for row in stored.mapped)
    assert len(made.state.selection.examples) == long
    assert f"{long} of 60" in made.header.selection.object


def test_sessions_share_the_networks_and_nothing_of_the_view(artifacts: Path) -> None:
    one, other = (Application(artifacts, {}) for _ in range(2))
    assert one.live is other.live
    one.state.param.update(text="mine", epoch=0, checkpoints=[1])
    one.state.select(Selection((1,)))
    assert link.query(other.state) == {"run": "tiny"}
    assert not other.state.can_undo


@pytest.mark.parametrize(("theme", "palette"), [("light", "paper"), ("dark", "safe")])
def test_the_template_has_header_page_and_the_colours_of_the_view(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch, theme: str, palette: str
) -> None:
    arguments = {"theme": [theme.encode()], "palette": [palette.encode()], "text": [b"\xff"]}
    monkeypatch.setattr(type(pn.state), "session_args", property(lambda _state: arguments))
    template = application(artifacts)
    assert {"header", "page"} <= set(template._render_items)
    assert template._render_variables["theme"] == theme
    assert template._render_variables["css"] == f"{app.colors(palette, theme).css()}\n{design.THEME}"


def test_an_empty_store_says_what_to_type(tmp_path: Path) -> None:
    folder = tmp_path / "<b>"
    folder.mkdir()
    with pytest.raises(InputError, match="make repro"):
        Application(folder, {})
    said = nothing_to_show(folder, "whatever")
    assert "<pre>make repro</pre>" in said
    assert "<b>" not in said.replace(str(tmp_path), "")
    assert "whatever" not in said
    assert {"header", "page"} <= set(application(folder)._render_items)


BROKEN = {
    "points": "layers", "neighbors": "layers", "predictions": "layers", "maps": "layers", "elements": "texts",
    "impacts": "texts", "examples": "texts", "mapped": "training", "layers": "layers", "vectors": "layers",
    "vocabulary": "layers",
}  # fmt: skip
PLACING = ("vectors", "vocabulary")  # for the place of a sentence alone
COUNTED = ("examples", "mapped", "layers", "classes", "metrics")  # for the facts of a run: cut short, there are none
DAMAGES = [(table, damage) for table in (*BROKEN, *COUNTED[3:]) for damage in ("cut short", "deleted")]


def broken(folder: Path, table: str, damage: str) -> bytes:
    """Break a table of a run; what its file held."""
    path = folder / "run=tiny" / f"{table}.parquet"
    content = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(content[:-30])
    return content


@pytest.fixture
def copy(stored: Stored, tmp_path: Path) -> Path:
    """A store with a copy of the tiny run, to be broken."""
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    return tmp_path


@pytest.mark.parametrize(
    ("table", "damage"),
    [(table, damage) for table, damage in DAMAGES if table in BROKEN and (damage == "deleted" or table not in COUNTED)],
)
def test_a_page_opens_on_a_broken_file_says_so_and_goes_on_when_it_is_whole(
    copy: Path, table: str, damage: str
) -> None:
    content = broken(copy, table, damage)
    made = Application(copy, {"view": "texts"} if BROKEN[table] == "texts" else {"page": BROKEN[table]})
    assert "tiny" in made.state.notice
    assert made.header.notice.visible
    if table in PLACING:
        assert made.pages["layers"].charts.linked is not None  # type: ignore[attr-defined]  # the reviews are drawn
    (copy / "run=tiny" / f"{table}.parquet").write_bytes(content)
    made.state.choose_run("tiny")
    made.state.epoch = 2
    assert made.state.notice == ""
    app.shared.cache_clear()


@pytest.mark.parametrize(
    ("table", "damage"),
    [(table, damage) for table, damage in DAMAGES if table in COUNTED and damage == "cut short"]
    + [("metrics", "deleted"), ("classes", "deleted")],
)
def test_a_run_whose_facts_are_broken_is_shown_once_they_are_whole(copy: Path, table: str, damage: str) -> None:
    content = broken(copy, table, damage)
    with pytest.raises(InputError, match="tiny"):
        Application(copy, {})
    assert {"header", "page"} <= set(application(copy)._render_items)
    (copy / "run=tiny" / f"{table}.parquet").write_bytes(content)
    assert Application(copy, {}).state.notice == ""
    app.shared.cache_clear()


def test_runs_that_cannot_be_shown_say_why(workshop: Project) -> None:
    for path in workshop.results.glob("*.parquet"):
        path.unlink()
    with pytest.raises(InputError, match="has no table classes yet") as told:
        Application(workshop.artifacts, {})
    said = nothing_to_show(workshop.artifacts, f"{told.value} <img>")
    assert "make repro" not in said
    assert "has no table classes yet" in said
    assert "<img>" not in said
    shutil.rmtree(workshop.results)
    assert "make repro" in nothing_to_show(workshop.artifacts, "")


def test_the_view_of_the_state_and_of_the_session_are_one(artifacts: Path) -> None:
    made = Application(artifacts, {"epoch": "2"})
    for name in NAMES:
        made.state.page = name
    assert isinstance(made.state, State)
    assert all(page.state is made.state for page in (*made.pages.values(), made.beside))
    assert made.header.state is made.selecting.state is made.state
