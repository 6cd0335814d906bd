"""The tiny run, as the readers of the store are asked about it."""

import pytest

from tests.project import RUN, Project
from viewer.data.facts import Facts, facts
from viewer.data.source import Source


@pytest.fixture(scope="module")
def source(built: Project) -> Source:
    return Source(built.artifacts)


@pytest.fixture(scope="module")
def tiny(source: Source) -> Facts:
    return facts(source, RUN)
