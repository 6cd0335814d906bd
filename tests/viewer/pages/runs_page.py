"""The page Runs, open without a browser."""

from pathlib import Path

from viewer import design
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.runs import Runs
from viewer.state import State

design.use()


def opened(store: Path, **given: object) -> Runs:
    source = Source(store)
    state = State(source, **{"epoch": 3} | given)
    state.choose_run("tiny")
    page = Runs(state, Live(source))
    page.show()
    return page
