"""What the tests of the view and its address share: the tiny run's store, and a session that opened a bare address."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import Run
from tests.project import Project
from viewer import link
from viewer.data.source import Source
from viewer.state import State


@pytest.fixture(scope="module")
def source(built: Project) -> Source:
    return Source(built.artifacts)


@pytest.fixture
def state(source: Source) -> State:
    """A session that opened a bare address."""
    state = State(source)
    assert link.restore(state, {}) == []
    return state


@pytest.fixture
def no_saved(built: Project) -> Iterator[Path]:
    """The folder of saved selections, empty before and after."""
    folder = Run("tiny", built.artifacts).selections
    shutil.rmtree(folder, ignore_errors=True)  # a page that showed a long text has kept it
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
