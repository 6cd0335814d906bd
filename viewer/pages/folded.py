"""What a page does not show at first: its widgets are made and sent when it is first shown."""

from typing import TypeVar

import panel as pn
from param.parameterized import Event

Layout = TypeVar("Layout", bound=pn.layout.base.ListLike)


def folded(layout: Layout) -> Layout:
    """The same layout, out of sight and without its content until it becomes visible."""
    content = list(layout.objects)
    layout.param.update(objects=[], visible=False)

    def unfold(event: Event) -> None:
        if event.new and not layout.objects:
            layout.objects = content

    layout.param.watch(unfold, "visible")
    return layout
