"""What may be wider than its place, as HTML: it scrolls sideways, and fades at its right edge while more is hidden."""

FADE = (
    "position: sticky; right: 0; flex: 0 0 28px; pointer-events: none; "
    "background: linear-gradient(90deg, transparent, var(--surface))"
)


def sideways(table: str, css_class: str = "") -> str:
    """A table on a card, in such a place. At its end, or where all of it has room, the fade lies beside it, unseen."""
    return f"<div class='{css_class}' style='display: flex; overflow-x: auto'>{table}<i style='{FADE}'></i></div>"
