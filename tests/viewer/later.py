"""What a page leaves to the server's loop, done when a test says so."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from typing import Any

import pytest

Act = Callable[[], Coroutine[Any, Any, None] | None]


class Later:
    """In place of `viewer.elsewhere.begin`: keeps what it is given until `done`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting: list[Act] = []
        monkeypatch.setattr("viewer.elsewhere.begin", lambda act: self.waiting.append(act))

    def done(self) -> None:
        """Do all of it, also what it brings about; what waits for threads at the same time."""

        async def together() -> None:
            while self.waiting:
                acts, self.waiting = self.waiting, []
                await asyncio.gather(*[made for act in acts if (made := act()) is not None])

        with closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(together())
            loop.run_until_complete(loop.shutdown_default_executor())
