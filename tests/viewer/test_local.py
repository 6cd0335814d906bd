"""Who may look: this machine and others, and what `panel serve`, which listens on every address, shows to each."""

from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.server.contexts import _RequestProxy
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from viewer import app
from viewer.local import host_of, is_admitted, is_local


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("::ffff:192.168.1.2", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_what_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("my-machine", "my-machine"),
        ("My-Machine:5006", "my-machine"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:5006", "::1"),
        ("https://my-machine:5006", "my-machine"),
        ("null", "null"),
        ("[::1", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_origin(origin: str, host: str) -> None:
    assert host_of(origin) == host


HERE = {"Host": "localhost:5006"}


def asked(address: str, headers: dict[str, str]) -> HTTPServerRequest:
    """A request as Tornado holds it."""
    line = RequestStartLine("GET", "/app", "HTTP/1.1" if "Host" in headers else "HTTP/1.0")
    connection = SimpleNamespace(context=SimpleNamespace(remote_ip=address, protocol="http"))
    return HTTPServerRequest(headers=HTTPHeaders(headers), connection=connection, start_line=line)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("127.0.0.1", HERE, True),
        ("::1", {"Host": "[::1]:5006"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1"}, True),
        ("127.0.0.1", HERE | {"Origin": "http://localhost:5006"}, True),
        ("192.168.1.2", HERE, False),
        ("", HERE, False),
        # A proxy on this machine: it passes on the address that was typed, or says for whom it asks, or both.
        ("127.0.0.1", {"Host": "my-machine"}, False),
        ("127.0.0.1", {"Host": "localhost.example.org:5006"}, False),
        ("127.0.0.1", HERE | {"X-Forwarded-For": "192.168.1.2"}, False),
        ("127.0.0.1", HERE | {"x-real-ip": "192.168.1.2"}, False),
        ("127.0.0.1", HERE | {"Forwarded": "for=192.168.1.2"}, False),
        ("127.0.0.1", HERE | {"Via": "1.1 proxy"}, False),
        ("127.0.0.1", HERE | {"X-Forwarded-Proto": "https"}, False),
        ("127.0.0.1", HERE | {"X-Forwarded-For": "127.0.0.1"}, False),  # nor can one say so oneself
        ("127.0.0.1", HERE | {"Origin": "https://my-machine"}, False),
        ("127.0.0.1", {}, False),
    ],
)
@pytest.mark.parametrize("user", [None, "guest", "somebody"])
def test_others_may_look_once_panel_has_their_password(
    monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], local: bool, user: str | None
) -> None:
    request = asked(address, headers)
    admitted = local or user == "somebody"
    assert is_admitted(request, user) is admitted
    # Bokeh shows the headers that the session's token names, and whoever asks can make up a token.
    shown = _RequestProxy(request, headers=dict(HERE))
    context = SimpleNamespace(session_context=SimpleNamespace(request=shown))
    monkeypatch.setattr(type(pn.state), "curdoc", property(lambda _state: context))
    monkeypatch.setattr(type(pn.state), "user", property(lambda _state: user))
    monkeypatch.setattr(app, "application", lambda: "the pages")
    monkeypatch.setattr(app, "only_told", lambda html: html)
    assert app.served_by_panel() == ("the pages" if admitted else app.STRANGER)
