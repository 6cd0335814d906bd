"""The page Training, open without a browser."""

from pathlib import Path

from viewer import design
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.training import Training
from viewer.state import State

design.use()


def opened(artifacts: Path, **given: object) -> Training:
    source = Source(artifacts)
    state = State(source, **given)
    state.choose_run("tiny")
    page = Training(state, Live(source))
    page.show()
    return page
