"""A mark while the server works on what the page asked, so that what stands there is not taken for the answer; and
until the page is there.

busy.js asks whether all before is done; Panel's own busy state is one for all sessions of a server.
"""

from typing import Any

from viewer.components.scripted import Scripted
from viewer.elsewhere import soon


class Busy(Scripted):
    """Nothing to see itself: it shows the page's element `busy` and marks `main` as busy."""

    _esm = "busy.js"

    def _handle_msg(self, data: Any) -> None:
        # Not at once: what the work before left for later comes first.
        soon(lambda: self._send_msg("done"))
