"""docs/bring-your-own.md: every command is typed and every file written as the page shows them, in a fresh copy."""

import shutil
import sys
from collections.abc import Iterator
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import torch
from bokeh.client import pull_session
from bokeh.document import Document
from bokeh.models import Plot
from panel.models.esm import ReactiveESM

from tests.browser.serving import Served, failures
from tests.docs.walk import SERVES, Step, links, steps, take, typed
from tests.project import ROOT, Project, copied
from tests.stored import Stored
from viewer import app

assert app  # Bokeh reads a page back only where all that it is made of has been imported
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
def stored(walked: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stored]]:
    """The tables of the page's runs by name, with the copy as working directory and its module to import."""
    monkeypatch.chdir(walked.folder)
    monkeypatch.syspath_prepend(str(walked.folder))
    yield {name: Stored(name) for name in RUNS}
    sys.modules.pop("my_model", None)


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
    words = tables.table("vocabulary").num_rows
    network = import_module("my_model").StrongestState(tokens=words + 1, outputs=1, width=32).eval()
    for epoch, step in enumerate((0, 30, 60, 90)):
        network.load_state_dict(torch.load(f"weights/step-{step}.pt", weights_only=True))
        for row in tables.rows("predictions", epoch=epoch)[:50]:
            tokens = tables.tokens(row["example"])
            with torch.no_grad():
                logit = network(tokens, torch.tensor([tokens.shape[1]])).double()
            assert torch.sigmoid(logit).item() == pytest.approx(row["probability"], abs=1e-6)


@pytest.fixture(scope="module")
def shown(walked: Project) -> dict[str, Document]:
    """What the viewer that the page starts composes for each address that the page names."""
    assert [step.content.strip() for step in steps(PAGE) if SERVES in step.content] == [SERVES]
    found = {}
    with Served(walked.folder) as served:
        for link in links(PAGE):
            session = pull_session(url=served.address, arguments=dict(parse_qsl(link[1:])))
            found[link] = session.document
            session.close()
        assert not failures(served.log())
    return found


def parts(document: Document, prop: str) -> list[Any]:
    """The values of a property of the components of ours on a page."""
    data = [model.data for model in document.models if isinstance(model, ReactiveESM)]
    return [getattr(each, prop) for each in data if prop in each.properties()]


def test_the_viewer_shows_what_each_address_names(shown: dict[str, Document]) -> None:
    for link, document in shown.items():
        assert [entry["search"] for entry in parts(document, "entry")] == [link]  # nothing in it was amiss
        said = [unescape(str(getattr(model, "text", ""))) for model in document.models]
        assert not [text for text in said if "class='notice'" in text and not text.endswith("></div>")]


def test_the_page_of_layers_has_a_map_a_layer(shown: dict[str, Document]) -> None:
    assert len(list(shown["?run=first&page=layers"].select({"type": Plot}))) == 3


def test_words_are_coloured_by_the_network_of_the_page(shown: dict[str, Document], stored: dict[str, Stored]) -> None:
    (content,) = parts(shown["?run=mine"], "content")
    words = [text for kind, text in content["texts"][0]["pieces"] if kind == "word"]
    assert words == ["This", "movie", "is", "not", "boring"]
    vocabulary = {row["word"]: row["token"] for row in stored["mine"].rows("vocabulary")}
    tokens = torch.tensor([[vocabulary[word.lower()] for word in words]])
    assert [row["epoch"] for row in content["rows"]] == list(range(11))
    for row in content["rows"]:
        network = stored["mine"].network(row["epoch"])
        with torch.no_grad():
            logits = [network(tokens[:, : max(1, length)], torch.tensor([length])).item() for length in range(6)]
        assert row["probability"] == pytest.approx(torch.sigmoid(torch.tensor(logits)).tolist(), abs=1e-5)
        assert len(row["colors"]) == len(words)


def test_the_last_command_removes_what_the_page_has_built(walked: Project, tmp_path: Path) -> None:
    shutil.copytree(walked.folder, tmp_path / "copy", symlinks=True)
    copy = Project(tmp_path / "copy")
    for step in walk(last=True):
        assert step.kind == "sh"
        typed(copy, step.content)
    assert [path.name for path in copy.artifacts.glob("run=*")] == ["run=none"]
