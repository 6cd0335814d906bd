"""What may be wider than its place, as HTML: it scrolls sideways, and fades at its right edge while more is hidden."""

from html import escape


def sideways(table: str, label: str, css_class: str = "") -> str:
    """A table on a card, in a place that is read out by its `label`; browsers let the keyboard scroll it.

    At its end, or where all of it has room, the fade (the style sheet's) lies beside it, unseen.
    """
    name = escape(label, quote=True)
    return f"<div class='sideways {css_class}' role='group' aria-label='{name}'>{table}<i></i></div>"
