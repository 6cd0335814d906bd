"""A view opened once more from its address."""

from viewer import link
from viewer.state import State


def reopened(state: State) -> State:
    """Another session that opens the link to this one's view, as the browser's address would hold it."""
    search = link.written(link.query(state))
    assert search.isascii()
    other = State(state.source)
    assert link.restore(other, link.read(search)) == []
    return other
