"""What all tests share: settings, and a copy of the project in which one tiny run is built by the real commands."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported; more only get in each other's way here

from tests.project import CROWD, KINDS, RUN, Project, copied  # after the line above
from tests.stored import Stored

# The same few examples at every run: a failure seen once is seen again.
settings.register_profile("tests", max_examples=25, deadline=None, derandomize=True)
settings.load_profile("tests")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh copy of the project; nothing is built."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which `dvc repro` built the tiny run. Shared: tests only read it."""
    project = copied(tmp_path_factory.mktemp("built"))
    assert project.repro() == ["compose", "examples", "train", "impacts", "maps", "faithfulness"]
    return project


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy with three small runs of other kinds. Shared: tests only read it.

    sources: words in three classes, with attention; undefined: a network with no answer to nothing; speakers: sequences
    of numbers in nine classes.
    """
    project = copied(tmp_path_factory.mktemp("kinds"))
    for words in KINDS:
        result = project.command("pipeline", *words)
        assert result.returncode == 0, result.stderr
    return project


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy with a run named `crowd`, of more mapped examples than travel to the browser at once. Shared."""
    project = copied(tmp_path_factory.mktemp("crowd"))
    result = project.command("pipeline", *CROWD)
    assert result.returncode == 0, result.stderr
    return project


@pytest.fixture
def of_kinds(kinds: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The same, as working directory."""
    monkeypatch.chdir(kinds.folder)
    return kinds


@pytest.fixture
def workshop(built: Project, tmp_path: Path) -> Project:
    """A private copy of the built project: tests may change everything in it."""
    shutil.copytree(built.folder, tmp_path / "workshop", symlinks=True)
    return Project(tmp_path / "workshop")


@pytest.fixture
def stored(built: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stored]:
    """The tiny run's tables, with the copy as working directory."""
    monkeypatch.chdir(built.folder)
    return Stored(RUN)
