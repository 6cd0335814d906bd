"""What the tests of pages share: stores that a test may change or break."""

import shutil
from pathlib import Path

import pytest

from tests.stored import Stored
from tests.viewer.twins import twin


@pytest.fixture
def store(stored: Stored, tmp_path: Path) -> Path:
    """A copy of the tiny run's store, to be changed."""
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    return tmp_path


@pytest.fixture
def two_runs(store: Path, stored: Stored) -> Path:
    """The tiny run and a copy of it named "wide", whose config says something else."""
    twin(store, stored.config)
    return store
