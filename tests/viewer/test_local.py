"""Who may look: this machine and others, and what `panel serve`, which listens on every address, shows to each."""

from types import SimpleNamespace

import panel as pn
import pytest

from viewer import app
from viewer.local import is_admitted, is_local


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
    ("address", "user", "admitted"),
    [
        ("127.0.0.1", None, True),
        ("192.168.1.2", None, False),
        ("192.168.1.2", "guest", False),
        ("192.168.1.2", "somebody", True),
        ("", None, False),
    ],
)
def test_others_may_look_once_panel_has_their_password(
    monkeypatch: pytest.MonkeyPatch, address: str, user: str | None, admitted: bool
) -> None:
    assert is_admitted(address, user) is admitted
    asked = SimpleNamespace(session_context=SimpleNamespace(request=SimpleNamespace(remote_ip=address)))
    monkeypatch.setattr(type(pn.state), "curdoc", property(lambda _state: asked))
    monkeypatch.setattr(type(pn.state), "user", property(lambda _state: user))
    monkeypatch.setattr(app, "application", lambda: "the pages")
    monkeypatch.setattr(app, "only_told", lambda html: html)
    assert app.served_by_panel() == ("the pages" if admitted else app.STRANGER)
