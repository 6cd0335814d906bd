"""Tables of Tabulator over frames whose columns may be called anything.

Tabulator takes a dot in a column's name for a path, and draws titles as HTML.
"""

from html import escape

import pandas as pd


def numbered(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The frame with columns named by their places, c0, c1, ..., and {that name: the title to show, as HTML}."""
    names = {name: f"c{place}" for place, name in enumerate(frame.columns)}
    return frame.rename(columns=names), {place: escape(str(name)) for name, place in names.items()}
