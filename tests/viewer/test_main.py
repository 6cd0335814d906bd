"""`python -m viewer` as people start it: where it listens, whom it lets in, what it says when it cannot."""

import base64
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from bokeh.client import pull_session
from bokeh.models import Button
from bokeh.util.token import get_session_id
from panel.models.markup import HTML

from pipeline.errors import InputError
from tests.browser.serving import Served, served_by_panel
from tests.project import Project
from viewer.__main__ import check, password, unable
from viewer.app import PAGES
from viewer.login import inside

SECRET = "not-a-movie"
WAITS = 180  # seconds for an answer, on a busy machine


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder without a store, served from this project's own code."""
    return tmp_path_factory.mktemp("empty")


def told(*words: str, variables: dict[str, str] | None = None) -> str:
    """The one line that `python -m viewer` refuses with."""
    result = subprocess.run(
        [sys.executable, "-m", "viewer", "--no-show", *words],
        capture_output=True, text=True, timeout=120, env=os.environ | (variables or {}),
    )  # fmt: skip
    assert result.returncode == 2, result.stderr
    assert result.stdout in ("", "Starting …\n")
    assert result.stderr.count("\n") == 1
    return result.stderr


class Browser(requests.Session):
    """Cookies and redirects, as a browser treats them."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.trust_env = False  # no proxy between us

    def visit(self, path: str = "/") -> requests.Response:
        return self.get(self.address + path, timeout=WAITS)

    def fill_in(self, path: str, **fields: str) -> requests.Response:
        return self.post(self.address + path, data=fields, timeout=WAITS)

    def socket_opens(self, token: str, origin: str | None = None) -> bool:
        """Whether the server takes a web socket with these cookies from a page of `origin`."""
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
            "Sec-WebSocket-Protocol": f"bokeh, {token}",
            "Origin": origin or self.address,
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies),
        }
        with closing(http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=WAITS)) as connection:
            connection.request("GET", "/ws", headers=headers)
            with connection.getresponse() as answer:
                assert answer.status in (101, 403)
                return answer.status == 101


def token_of(page: str) -> str:
    """The session's token, which a page holds for its web socket."""
    found = re.search(r'"token":"([^"]+)"', page)
    assert found, page
    return found[1]


def test_help_says_who_can_open_it() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "viewer", "--help"], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    for said in ("127.0.0.1", "--allow-origin", "--password-file", "plain text", "TLS", "proxy on this machine"):
        assert said in shown


def test_beyond_this_machine_needs_an_origin_and_a_password(tmp_path: Path) -> None:
    alone = {"UNROLLED_PASSWORD": ""}
    bare = told("--address", "0.0.0.0", variables=alone)
    assert "--allow-origin" in bare
    assert "--password-file" in bare
    assert "UNROLLED_PASSWORD" in bare
    assert "--password-file" in told("--address", "0.0.0.0", "--allow-origin", "here:5006", variables=alone)
    assert "--allow-origin" in told("--address", "0.0.0.0", variables={"UNROLLED_PASSWORD": SECRET})


@pytest.mark.parametrize("origin", ["my-machine", "my-machine:443", "192.168.1.2:5006", "localhost.example.org"])
def test_a_proxy_on_this_machine_needs_a_password_too(origin: str) -> None:
    """Who comes through it comes from this machine, as far as the server can see."""
    line = told("--allow-origin", "localhost:80", "--allow-origin", origin, variables={"UNROLLED_PASSWORD": ""})
    assert f"--allow-origin {origin} lets other machines in" in line
    assert "--password-file" in line


@pytest.mark.parametrize("origins", [[], ["localhost:80"], ["127.0.0.1", "[::1]:8000"]])
def test_this_machine_needs_no_password(empty: Path, origins: list[str]) -> None:
    check(Namespace(port=0, artifacts=empty, address="127.0.0.1", allow_origin=origins), "")


@pytest.mark.parametrize("origin", ["*", "http://here", "here:*", "a b", "here:5006/path", ""])
def test_an_origin_is_one_host(origin: str) -> None:
    assert "--allow-origin" in told("--allow-origin", origin)


def test_a_password_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("  two words \r\nmore\n")
    assert password(file) == "  two words "
    for content in (b"", b"\nsecond", b"\xff\xfe"):
        file.write_bytes(content)
        with pytest.raises(InputError, match="password"):
            password(file)
    with pytest.raises(InputError, match="No such file"):
        password(tmp_path / "none")


def test_a_taken_port_is_one_line(empty: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"--port {port}: already in use" in told("--port", str(port))
    assert "between 0 and 65535" in told("--port", "70000")


@pytest.mark.parametrize(("name", "said"), [("nothing", "no such folder"), ("file", "not a folder")])
def test_a_store_that_is_no_folder_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_text("no store")
    assert f"--artifacts {tmp_path / name}: {said}" in told("--artifacts", str(tmp_path / name))


def test_an_address_that_is_not_ours_is_one_line() -> None:
    class Given:
        address, port = "192.0.2.1", 80

    assert "give an address of this machine" in unable(Given, OSError(99, "Cannot assign requested address"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "led"),
    [
        ("/?run=paper&text=a%20b", "/?run=paper&text=a%20b"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_nowhere_else(address: str, led: str) -> None:
    assert inside(address) == led


def test_without_a_store_the_page_says_what_to_type(empty: Path) -> None:
    with Served(Path.cwd(), "--artifacts", str(empty)) as served:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", served.address)
        with Browser(served.address) as browser:
            page = browser.visit().text
            token = token_of(page)
            assert browser.socket_opens(token)
            assert browser.socket_opens(token, served.address.replace("127.0.0.1", "localhost"))
            assert not browser.socket_opens(token, "http://evil.example")
        process = served.process
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert "Traceback" not in served.log()


def test_only_the_password_opens_page_and_socket(empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(SECRET + "\n")
    words = ["--artifacts", str(empty), "--address", "0.0.0.0", "--allow-origin", "viewer.example:80"]
    with Served(Path.cwd(), *words, "--password-file", str(file)) as served:
        address = served.address.replace("0.0.0.0", "127.0.0.1")
        with Browser(address) as inner, Browser(address) as outer:
            asked = outer.visit("/?run=paper")
            assert urlsplit(asked.url).path == "/login"
            assert "token" not in asked.text
            assert "//" not in asked.text  # nothing is fetched from elsewhere
            for wrong in ("", str(file), SECRET + "x", SECRET + " "):
                refused = outer.fill_in("/login", password=wrong)
                assert refused.status_code == 403
                assert "That is not the password" in refused.text
            opened = inner.fill_in("/login?" + urlsplit(asked.url).query, password=SECRET)
            assert opened.status_code == 200
            assert opened.url == address + "/?run=paper"
            token = token_of(opened.text)
            assert inner.socket_opens(token, "http://viewer.example")
            assert not inner.socket_opens(token, "http://evil.example")
            assert not outer.socket_opens(token, "http://viewer.example")
        assert SECRET not in served.log()


@pytest.fixture(scope="module")
def by_panel(built: Project) -> Iterator[str]:
    with served_by_panel(built) as address:
        yield address


@pytest.mark.parametrize(
    ("headers", "shown"),
    [({}, True), ({"Host": "my-machine"}, False), ({"X-Forwarded-For": "192.168.1.2"}, False)],
    ids=["here", "a proxy keeps the address", "a proxy says for whom"],
)
def test_panel_serve_serves_it_too_but_not_through_a_proxy(by_panel: str, headers: dict[str, str], shown: bool) -> None:
    with Browser(by_panel) as browser:
        browser.headers.update(headers)
        token = token_of(browser.visit("").text)
    assert PAGES  # a session is read here: the kinds of what a page holds must be known
    session = pull_session(session_id=get_session_id(token), url=by_panel)
    try:
        texts = [model.text for model in session.document.select({"type": HTML})]  # type: ignore[attr-defined]
        buttons = len(list(session.document.select({"type": Button})))
    finally:
        session.close()
    assert any("Not from here" in text for text in texts) is not shown
    assert (buttons > 0) is shown
