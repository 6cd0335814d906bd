"""A module of a person's, as a file beside the project."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

THEIRS = "their_module"


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Writes the content of `their_module`, which can then be imported; answers with its file."""

    def write(content: str) -> Path:
        file = tmp_path / f"{THEIRS}.py"
        file.write_text(content, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, THEIRS, raising=False)
        return file

    return write
