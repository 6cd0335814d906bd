"""What the parts of a page have in common that the browser draws by a script of ours."""

from hashlib import sha256
from typing import Any

import panel as pn


class Scripted(pn.custom.JSComponent):
    """A component whose script is plain JavaScript.

    Panel's browser side takes a script for TypeScript with JSX and translates it, each time a page is opened; one with
    the digest of a bundle it takes as it is.
    """

    __abstract = True

    def _get_properties(self, doc: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._get_properties(doc)
        return found | {"bundle": sha256(found["esm"].encode()).hexdigest()}
