"""The look of Panel's widgets: nothing of Panel's own designs, only viewer/theme.css."""

from pathlib import Path

import panel as pn
from bokeh.document import Document
from bokeh.models import InlineStyleSheet, Tooltip
from panel.io.resources import get_dist_path
from panel.theme.base import DarkTheme, DefaultTheme, Design, Inherit
from panel.viewable import Viewable

THEME = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")
# Stands for THEME where Panel would send the whole text with each of a page's hundred widgets: what ends in .css before
# a "?" Panel looks up among the style sheets of the document. As text it is an empty comment.
SHARED = "/*theme.css?*/"


class Plain(Design):
    """Widgets as Bokeh makes them; the style sheet does the rest."""

    modifiers = {Viewable: {"stylesheets": [Inherit]}}  # noqa: RUF012 - as Panel declares it
    _themes = {"default": DefaultTheme, "dark": DarkTheme}  # noqa: RUF012


def serve_styles(document: Document) -> None:
    """Have the style sheets of a session that is just being made sent once, and all of them by this server.

    Panel sees to the server when it answers with the page. Where the page's web socket comes so late that its session
    is gone, a new one is made without that answer, and its style sheets would come from another host.
    """
    document.template_variables["dist_url"] = get_dist_path(cdn=False)
    pn.state._stylesheets.setdefault(document, {})[SHARED] = InlineStyleSheet(css=THEME)


def hint(text: str) -> Tooltip:
    """What a button does, shown below it: beside it there may be no room in the window."""
    return Tooltip(content=text, position="bottom")


def use() -> None:
    """Make every page look like this one sheet says; nothing is loaded from another host."""
    pn.extension("tabulator", design=Plain, raw_css=[SHARED])
