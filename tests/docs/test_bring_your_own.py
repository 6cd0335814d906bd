"""docs/bring-your-own.md: every command is typed and every file written as the page shows them, in a fresh copy."""

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from bokeh.client import pull_session

from tests.browser.serving import Served, failures
from tests.docs.walk import SERVES, Step, links, steps, take, typed
from tests.project import ROOT, Project, copied
from tests.stored import Stored

PAGE = ROOT / "docs" / "bring-your-own.md"
LAST = "From here"  # it removes what the others have built
RUNS = ("first", "mine", "fast", "brought")


def walk(last: bool) -> list[Step]:
    return [step for step in steps(PAGE) if (step.section == LAST) == last]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project in which a reader has followed the page up to its last section."""
    project, said = copied(tmp_path_factory.mktemp("walked")), ""
    for step in walk(last=False):
        said = take(project, step, said)
    return project


@pytest.fixture
def stored(walked: Project, monkeypatch: pytest.MonkeyPatch) -> dict[str, Stored]:
    """The tables of the page's runs by name, with the copy as working directory."""
    monkeypatch.chdir(walked.folder)
    monkeypatch.syspath_prepend(str(walked.folder))
    return {name: Stored(name) for name in RUNS}


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/bring-your-own.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_the_page_points_to_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for target in (part.partition(")")[0] for part in text.split("](")[1:]):
        path, _, heading = target.partition("#")
        content = (PAGE.parent / path).read_text(encoding="utf-8").lower()
        assert not heading or f"\n## {heading.replace('-', ' ')}\n" in content, target


def test_every_run_of_the_page_is_complete_and_has_impacts_and_maps(stored: dict[str, Stored]) -> None:
    for name, tables in stored.items():
        layers = {row["layer"] for row in tables.rows("layers")}
        assert layers == ({"embedding", "lstm", "dense"} if name == "first" else {"embedding", "gru", "dense"})
        epochs = set(tables.table("metrics")["epoch"].to_pylist())
        assert epochs == set(range(4 if name == "brought" else 11))
        maps = {(row["epoch"], row["layer"]) for row in tables.rows("maps")}
        assert maps == {(epoch, layer) for epoch in epochs for layer in layers}
        assert {row["class"] for row in tables.rows("impacts")} == {"good"}


def test_the_impacts_of_a_text_add_up_to_its_prediction(stored: dict[str, Stored]) -> None:
    for name, tables in stored.items():
        epoch = max(tables.table("impacts")["epoch"].to_pylist())
        rows = tables.rows("impacts", epoch=epoch)
        sums: dict[int, float] = {}
        for row in rows:
            before = 0 if row["impact"] is not None else 1 / (1 + torch.tensor(-row["logit"]).double().exp().item())
            sums[row["example"]] = sums.get(row["example"], 0.0) + before + (row["impact"] or 0.0)
        said = {row["example"]: row["probability"] for row in tables.rows("predictions", epoch=epoch)}
        for example, total in sums.items():
            assert total == pytest.approx(said[example], abs=1e-5), name


def test_one_pass_says_of_every_mapped_text_what_single_prefixes_say(stored: dict[str, Stored]) -> None:
    slow, fast = ({place(row): row["impact"] for row in stored[name].rows("impacts")} for name in ("mine", "fast"))
    assert len({example for _, example, _ in slow}) == 200
    assert len({example for _, example, _ in fast}) == stored["fast"].table("examples").num_rows
    for key, impact in slow.items():
        assert fast[key] == pytest.approx(impact, abs=1e-5), key


def place(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["epoch"], row["example"], row["position"]


def test_brought_weights_predict_what_the_class_says_with_them(stored: dict[str, Stored]) -> None:
    tables = stored["brought"]
    (vocabulary,) = {tables.table("vocabulary").num_rows}
    network = module("my_model").StrongestState(tokens=vocabulary + 1, outputs=1, width=32).eval()
    for epoch, step in enumerate((0, 30, 60, 90)):
        network.load_state_dict(torch.load(f"weights/step-{step}.pt", weights_only=True))
        for row in tables.rows("predictions", epoch=epoch)[:50]:
            tokens = tables.tokens(row["example"])
            with torch.no_grad():
                logit = network(tokens, torch.tensor([tokens.shape[1]])).double()
            assert torch.sigmoid(logit).item() == pytest.approx(row["probability"], abs=1e-6)


def module(name: str) -> ModuleType:
    """A file of the page, loaded under no name: other tests may have a module called the same."""
    spec = importlib.util.spec_from_file_location("of_the_page", Path(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_viewer_opens_every_address_of_the_page(walked: Project) -> None:
    serving = [step.content.strip() for step in steps(PAGE) if SERVES in step.content]
    assert serving == [SERVES]
    assert {link.partition("&")[0] for link in links(PAGE)} == {"?run=first", "?run=mine", "?run=brought"}
    with Served(walked.folder) as served:
        for link in links(PAGE):
            arguments = dict(part.split("=") for part in link[1:].split("&"))
            session = pull_session(url=served.address, arguments=arguments)
            try:
                shown = json.dumps(session.document.to_json(), ensure_ascii=False)
            finally:
                session.close()
            assert arguments["run"] in shown
            assert "of the link" not in shown, link
            print(link, len(shown))
            Path(f"/tmp/w/pipe-{arguments['run']}-{arguments.get('page')}.json").write_text(shown)
        assert not failures(served.log())


def test_the_last_command_removes_what_the_page_has_built(walked: Project, tmp_path: Path) -> None:
    shutil.copytree(walked.folder, tmp_path / "copy", symlinks=True)
    copy = Project(tmp_path / "copy")
    for step in walk(last=True):
        assert step.kind == "sh"
        typed(copy, step.content)
    assert [path.name for path in copy.artifacts.glob("run=*")] == ["run=none"]
