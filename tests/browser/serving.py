"""The real `python -m viewer` as a process of its own, the browser that looks at it, and waiting without sleeping."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.sync_api import ConsoleMessage, Page, Request, WebSocket

from tests.project import Project

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without --disable-quic and the rest Chromium asks addresses of its own.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
UNCHECKED = {"BOKEH_VALIDATE_DOC": "no"}  # as people are served
CHECKED = {"BOKEH_VALIDATE_DOC": "yes"}  # whoever looks at the log is told what Bokeh finds wrong with a page
READY = 60.0  # seconds until a server must answer
IDLE = "() => window.Bokeh && Bokeh.documents.length > 0 && Bokeh.documents.every((each) => each.is_idle)"
ANSWERED = "() => document.getElementById('busy').hidden"
PATIENCE = 30.0  # seconds until a page must show what a test waits for: as long as a busy machine takes


def browser_path() -> str | None:
    """The browser on this machine, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


class Served:
    """A viewer of the store in `folder`/artifacts, serving until the end of the block.

    address: http://127.0.0.1:PORT; log(): all it wrote so far, to both of its outputs; log_at_end: after the block.
    """

    def __init__(self, folder: Path, *words: str, variables: dict[str, str] | None = None) -> None:
        self.folder, self.words = folder, words
        self.variables = variables or {}
        self.address = self.log_at_end = ""
        # A file, not a pipe: nobody needs to read for the server to go on writing.
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        port = [] if "--port" in self.words else ["--port", "0"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "viewer", *port, "--no-show", *self.words],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": "", "OMP_NUM_THREADS": "1"} | CHECKED | self.variables,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self._await_readiness()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.log_at_end = self.log()
        self._output.close()

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self._process is not None
        return self._process

    def log(self) -> str:
        if self._output.closed:
            return self.log_at_end
        # Not by seeking: the process writes at the same place of the same open file.
        return os.pread(self._output.fileno(), 10_000_000, 0).decode(errors="replace")

    def _await_readiness(self) -> None:
        deadline = time.monotonic() + READY
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            self.address = next((word for word in self.log().split() if word.startswith("http://")), "").rstrip("/")
            if self.address and answers(self.address):
                return
            time.sleep(0.05)
        raise AssertionError(f"the server did not answer in {READY:.0f} s:\n{self.log()}")


@contextmanager
def served_by_panel(project: Project) -> Iterator[str]:
    """The address of the page of `panel serve viewer/app.py` in a project's folder, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = project.start("panel", "serve", "viewer/app.py", "--port", str(port))
    try:
        for line in process.stderr or ():
            if "Bokeh app running at" in line:
                break
        yield f"http://localhost:{port}/app"
    finally:
        process.terminate()
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "/", timeout=READY):
            return True
    except urllib.error.HTTPError as answered:
        answered.close()
        return True
    except OSError:
        return False


def failures(log: str) -> list[str]:
    """What Bokeh finds wrong with a page, and the errors with a traceback, in a server's log.

    But for those that a page leaves which is closed at a bad moment.

    Something was being sent to it; or Bokeh's ping found it gone, or read the page's last messages, after the session
    had been taken from the connection (Bokeh 3.9 then asserts that there is a session still).
    """
    traces = re.findall(r"^Traceback \(most recent call last\):\n((?:[ \t].*\n|\n)*)(\S.*)", log, re.MULTILINE)
    closed = re.compile(r"tornado\.\w+\.(WebSocketClosedError|StreamClosedError)")
    gone = re.compile(
        r"notify_connection_lost|bokeh/server/connection\.py.* in session\n\s+assert self\._session is not None"
    )
    wrong = re.findall(r"\b[EW]-\d{4} \(.*", log)  # with the models of a page, as Bokeh says
    return wrong + [
        error
        for trace, error in traces
        if not (closed.match(error) or (error == "AssertionError" and gone.search(trace)))
    ]


class Watched:
    """What a page complained about, and what it asked of any address but `allowed`."""

    def __init__(self, page: Page, allowed: list[str]) -> None:
        self.allowed = allowed
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self._asked(request.url)

    def _socket(self, socket: WebSocket) -> None:
        self._asked(socket.url.replace("ws://", "http://", 1))

    def _asked(self, url: str) -> None:
        inside = url.startswith(("data:", "blob:", "about:"))
        if not inside and not any(url == origin or url.startswith(origin + "/") for origin in self.allowed):
            self.faults.append(f"asked another address: {url}")


def opened(page: Page, address: str) -> Page:
    """The page at `address`, once it is drawn and waits for a person."""
    page.goto(address)
    for holds in (ANSWERED, IDLE):
        page.wait_for_function(holds, timeout=PATIENCE * 1000)
    return page


def at_rest(page: Page) -> None:
    """Wait until the server has answered what the page sent, and the page is drawn."""
    page.wait_for_function(ANSWERED)
    page.wait_for_function(IDLE)


def eventually(page: Page, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until `holds()` is true; fails with the last value or assertion after `seconds`.

    The page's messages are handled in between, so `holds` may look at the page, the server's log or a file.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            found, reason = holds(), "nothing"
        except AssertionError as failure:
            found, reason = False, str(failure)
        if found:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {reason}")
        page.wait_for_timeout(25)
