"""The shell: one header over all pages, the pages themselves, and the address that holds the view.

`application` makes it for one browser session; `panel serve viewer/app.py` and `python -m viewer` serve it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.document import Document
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS

from pipeline import store
from pipeline.errors import InputError
from viewer import design, link
from viewer.components.address import Address
from viewer.components.busy import Busy
from viewer.data.source import Source
from viewer.elsewhere import in_turn, soon
from viewer.following import Following
from viewer.header import Header
from viewer.live import Live
from viewer.local import is_admitted
from viewer.pages.beside import HEADING, Beside
from viewer.pages.claims import Claims
from viewer.pages.layers import Layers
from viewer.pages.page import Page
from viewer.pages.runs import Runs
from viewer.pages.sql import Sql
from viewer.pages.training import Training
from viewer.pages.words import Words
from viewer.plots.colors import colors
from viewer.selecting import Selecting
from viewer.state import State

PAGES: dict[str, type[Page]] = {
    "words": Words,
    "layers": Layers,
    "training": Training,
    "runs": Runs,
    "claims": Claims,
    "sql": Sql,
}
HERE = Path(__file__).parent
TEMPLATE = (HERE / "page.html").read_text(encoding="utf-8")
NAMES = (HERE / "names.js").read_text(encoding="utf-8")
CANVAS = (HERE / "canvas.js").read_text(encoding="utf-8")
KEYS = (HERE / "keys.js").read_text(encoding="utf-8")
LOST = (HERE / "lost.js").read_text(encoding="utf-8")
TELL_LOST = "document.dispatchEvent(new Event('connection-lost'))"  # lost.js hears it
NOTHING_BUILT = """<p>No run is built in <code>{artifacts}</code>. In the project's folder, type</p>
<pre>make repro</pre>
<p>It trains and explains the run <code>paper</code> in about five minutes. Then open this page again.</p>"""
FAILED = """<p class="warning">This cannot be shown: a fault of the viewer, not of yours. What went wrong stands in the
terminal in which it was started.</p>"""
STRANGER = """<h2>Not from here</h2>
<p>This viewer answers the machine it runs on. How to let others in: <code>python -m viewer --help</code></p>"""

design.use()


class Shell(pn.Template):
    """The page around all pages."""

    def __init__(self) -> None:
        super().__init__(TEMPLATE)

    def __repr__(self) -> str:
        """Panel asks for it with each panel that is added, and would spell out every widget of the page."""
        return "Shell()"

    def _init_doc(self, doc: Document | None = None, *words: Any, **named: Any) -> Document:
        """Panel adds a page root by root, and Bokeh would count all models of the page after each: a fifth of the time
        that the server takes for it."""
        with (doc or pn.state.curdoc).models.freeze():
            return super()._init_doc(doc, *words, **named)


@cache
def shared(artifacts: Path) -> Live:
    """What all sessions of a server share: the store's connection and the loaded networks."""
    return Live(Source(artifacts))


class Application:
    """One browser session: the state, the header and the pages, each made when it is first opened.

    The first page is made as soon as the session is there, part by part: meanwhile the browser is given the scripts,
    which take it as long. InputError where no run of the store can be shown.
    """

    def __init__(self, artifacts: Path, query: dict[str, str]) -> None:
        self.live = shared(artifacts)
        self.state = State(self.live.source)
        self._problems = link.restore(self.state, query)
        if not self.state.run:
            raise InputError(self._problems[0])
        self.pages: dict[str, Page] = {}
        self.beside = Beside(self.state, self.live)
        self.selecting = Selecting(self.state)
        self.header = Header(self.state, {page.title: name for name, page in PAGES.items()})
        self.view = pn.Column(sizing_mode="stretch_width", css_classes=["page"])
        self.address = Address()
        self.following = Following(self.state, self.address)
        self.state.param.watch(lambda _event: self._go(), "page")
        in_turn(self._open, self._show_beside)

    def _open(self) -> None:
        """Show the first page, and what is wrong in its link."""
        try:
            self._show()
        finally:  # the other pages go on
            self.state.notice = "\n".join(dict.fromkeys([*self._problems, self.state.notice])).strip()
            self.following.begin()
            self.live.warm(self.state.run)

    def _go(self) -> None:
        """Show another page."""
        self._show()
        soon(self._show_beside)

    def _show(self) -> None:
        """Put the chosen page on the screen; the others rest."""
        for name, page in self.pages.items():
            if name != self.state.page:
                page.hide()
        with told(self.view):
            if self.state.page not in self.pages:
                self.pages[self.state.page] = PAGES[self.state.page](self.state, self.live)
            shown = self.pages[self.state.page]
            self.view.objects = [shown.show()]
        if not isinstance(shown, Words):
            self.beside.hide()
        elif not shown.aside.objects:
            shown.aside.objects = [pn.pane.HTML(f"{HEADING}<p class='muted'>Drawing …</p>", css_classes=["card"])]

    def _show_beside(self) -> None:
        """Put the maps beside the words, unless those have been left again."""
        words = self.pages.get("words")
        if self.state.page == "words" and isinstance(words, Words):
            with told(words.aside):
                words.aside.objects = [self.beside.show()]


@contextmanager
def told(place: pn.Column) -> Iterator[None]:
    """What fails by a fault of ours is not passed over in silence: it is said in its place, and raised."""
    try:
        yield
    except Exception:
        place.objects = [pn.pane.HTML(FAILED)]
        raise


def application(artifacts: Path = store.ARTIFACTS) -> pn.Template:
    """The page of one session, from the address it was opened with."""
    if pn.state.curdoc is not None:
        design.serve_styles(pn.state.curdoc)
        pn.state.curdoc.js_on_event(ConnectionLost, CustomJS(code=TELL_LOST))
    query = {key: values[0].decode("utf-8", "replace") for key, values in (pn.state.session_args or {}).items()}
    try:
        made = Application(artifacts, query)
    except InputError as mistake:
        return only_told(nothing_to_show(artifacts, str(mistake)))
    template = Shell()
    template.add_panel("header", made.header.view)
    template.add_panel("page", made.view)
    template.add_panel("address", made.address)
    template.add_panel("busy", Busy())
    return dressed(template, True, made.state.palette, made.state.theme)


def only_told(html: str) -> pn.Template:
    """A page that holds nothing but a text."""
    template = Shell()
    template.add_panel("header", pn.pane.HTML("<b class='brand'>Unrolled</b>"))
    template.add_panel("page", pn.pane.HTML(html))
    return dressed(template, False, "paper", "light")


def dressed(template: pn.Template, shown: bool, palette: str, theme: str) -> pn.Template:
    """The template with its colours and scripts; `shown`: whether it holds the pages."""
    css = f"{colors(palette, theme).css()}\n{design.THEME}"
    variables = {"shown": shown, "css": css, "theme": theme, "scripts": [NAMES, KEYS, CANVAS, LOST]}
    for name, value in variables.items():
        template.add_variable(name, value)
    return template


def nothing_to_show(artifacts: Path, reason: str) -> str:
    """What stands in place of the pages where no run can be shown: how to build one, or what is wrong with those."""
    if not store.runs(artifacts):
        return "<h2>Nothing to show yet</h2>" + NOTHING_BUILT.format(artifacts=escape(str(artifacts)))
    return f"<h2>No run can be shown</h2><div class='notice' role='alert'>{escape(reason)}</div>"


def served_by_panel() -> pn.Template:
    """What `panel serve` shows to who asks."""
    admitted = is_admitted(pn.state.curdoc.session_context.request, pn.state.user)
    return application() if admitted else only_told(STRANGER)


if __name__.startswith("bokeh_app"):  # panel serve viewer/app.py
    served_by_panel().servable(title="Unrolled")
