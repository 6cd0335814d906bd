"""The look of Panel's widgets: nothing of Panel's own designs, only viewer/theme.css."""

from pathlib import Path

import panel as pn
from panel.theme.base import DarkTheme, DefaultTheme, Design, Inherit
from panel.viewable import Viewable

THEME = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")


class Plain(Design):
    """Widgets as Bokeh makes them; the style sheet does the rest."""

    modifiers = {Viewable: {"stylesheets": [Inherit]}}  # noqa: RUF012 - as Panel declares it
    _themes = {"default": DefaultTheme, "dark": DarkTheme}  # noqa: RUF012


def use() -> None:
    """Make every page look like this one sheet says; nothing is loaded from another host."""
    pn.extension("tabulator", design=Plain, raw_css=[THEME])
