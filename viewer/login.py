"""One shared password in front of the viewer: a login page and a signed cookie.

Not Panel's own basic auth: that one loads its login page from another host, and reads a password that happens to be the
name of a file as that file.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler

COOKIE = "unrolled"
COOKIE_DAYS = 1
WRONG_COSTS = 0.5  # seconds: guessing in bulk does not pay
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unrolled</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
  form {{ max-width: 20rem; margin: 20vh auto 0; padding: 0 1rem; }}
  input, button {{ font: inherit; box-sizing: border-box; width: 100%; padding: .5rem; margin-top: .5rem; }}
</style></head>
<body><form method="post">
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
  <button type="submit">Open the viewer</button>
  <p role="alert">{said}</p>
</form></body></html>
"""


def inside(address: str) -> str:
    """`address` if it is a path of this server, else the first page: a login never leads to another host."""
    parts = urlsplit(address)
    local = not parts.scheme and not parts.netloc and address.startswith("/") and "\\" not in address
    return address if local and not address.startswith("//") else "/"


class LoginHandler(RequestHandler):
    """GET asks for the password, POST checks it and sets the cookie."""

    password = ""

    def get(self) -> None:
        self._page("")

    async def post(self) -> None:
        given = self.get_body_argument("password", "", strip=False)
        if hmac.compare_digest(given.encode(), self.password.encode()):
            self.set_signed_cookie(COOKIE, "in", expires_days=COOKIE_DAYS, httponly=True, samesite="Lax")
            self.redirect(inside(self.get_query_argument("next", "/")))
            return
        await asyncio.sleep(WRONG_COSTS)
        self.set_status(403)
        self._page("That is not the password.")

    def _page(self, said: str) -> None:
        self.set_header("Cache-Control", "no-store")
        self.write(PAGE.format(said=said))


class Login(AuthProvider):
    """Lets in, to pages and web sockets alike, who has the cookie that the password gives."""

    def __init__(self, password: str) -> None:
        self._handler = type("PasswordHandler", (LoginHandler,), {"password": password})
        super().__init__()

    @property
    def get_user(self) -> Callable[[Any], str | None]:
        return lambda request: COOKIE if request.get_signed_cookie(COOKIE, max_age_days=COOKIE_DAYS) else None

    @property
    def login_url(self) -> str:
        return "/login"

    @property
    def login_handler(self) -> type[RequestHandler]:
        return self._handler
