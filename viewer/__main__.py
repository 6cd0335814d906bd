"""python -m viewer: serve the viewer, print its address, and open it in the browser.

Serves on this machine alone unless told otherwise. To serve others, give an --address, the --allow-origin under which
their browsers open it, and a password. The password and all pages travel as plain text: put a proxy with TLS in front.
A proxy on this machine needs no --address, but --allow-origin and the password all the same.
"""

import argparse
import atexit
import errno
import gc
import os
import re
import secrets
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.errors import InputError, told_in_one_line
from viewer.local import host_of, is_local

PORT = 5006
LOCAL = "127.0.0.1"
PASSWORD_VARIABLE = "UNROLLED_PASSWORD"
# The memory of a closed page goes back within 20 s; a page whose connection breaks for a moment is still there.
CLOSED_SESSION_LIVES = 15_000  # milliseconds
CLOSED_SESSIONS_CHECKED = 5_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m viewer", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"0 takes a free one (default: {PORT})")
    parser.add_argument("--address", default=LOCAL, metavar="IP", help=f"where to listen (default: {LOCAL})")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="where other people's browsers find the viewer, as in their address bar, such as a proxy's; needs a "
        "password; may be repeated",
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help=f"its first line is the password; or set {PASSWORD_VARIABLE}. It is compared and sent as plain text",
    )
    parser.add_argument(
        "--artifacts", type=Path, default=store.ARTIFACTS, metavar="DIR", help="the store (default: artifacts)"
    )
    parser.add_argument(
        "--show", action=argparse.BooleanOptionalAction, default=True, help="open a browser (default: yes)"
    )
    return parser.parse_args()


def password(file: Path | None) -> str:
    """The password from `file` or the environment; empty if there is none."""
    if file is None:
        return os.environ.get(PASSWORD_VARIABLE, "")
    try:
        line = file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"--password-file {file}: {getattr(failure, 'strerror', None) or 'not text'}") from None
    if not line:
        raise InputError(f"--password-file {file}: its first line is empty; write the password there")
    return line


def check(given: argparse.Namespace, secret: str) -> None:
    """Refuse what would not work, or would let in everybody."""
    if not 0 <= given.port <= 65535:
        raise InputError(f"--port {given.port}: between 0 and 65535")
    if not given.artifacts.is_dir():
        wrong = "not a folder" if given.artifacts.exists() else "no such folder"
        raise InputError(f"--artifacts {given.artifacts}: {wrong}; name the one that holds the runs, such as artifacts")
    for origin in given.allow_origin:
        if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", origin):
            raise InputError(f"--allow-origin {origin}: write HOST or HOST:PORT, without http:// and without *")
    opening = [f"--allow-origin {origin}" for origin in given.allow_origin if not is_local(host_of(origin))]
    if not is_local(given.address):
        opening.insert(0, f"--address {given.address}")
    if not opening:
        return
    missing = []
    if not given.allow_origin:
        missing.append("--allow-origin HOST:PORT, as in the address bar of who opens it")
    if not secret:  # behind a proxy too: everybody comes from this machine then
        missing.append(f"a password: --password-file FILE or {PASSWORD_VARIABLE}")
    if missing:
        raise InputError(f"{opening[0]} lets other machines in; add {' and '.join(missing)}")


def serve(given: argparse.Namespace, secret: str) -> None:
    """Serve until Ctrl-C or a TERM signal."""
    print("Starting …", flush=True)
    from bokeh.settings import settings
    from panel.io.server import get_server  # takes seconds: a mistake in the arguments is told before

    from viewer.app import application
    from viewer.login import Login

    def page() -> Any:
        return application(given.artifacts)

    if "BOKEH_VALIDATE_DOC" not in os.environ:  # it finds mistakes of ours alone, for a tenth of the time of a page
        settings.perform_document_validation = False
    closed = {
        "unused_session_lifetime_milliseconds": CLOSED_SESSION_LIVES,
        "check_unused_sessions_milliseconds": CLOSED_SESSIONS_CHECKED,
    }
    guarded = {"auth_provider": Login(secret), "cookie_secret": secrets.token_hex(32)} if secret else {}
    try:
        server = get_server(
            {"/": page}, port=given.port, address=given.address, title="Unrolled",
            websocket_origin=given.allow_origin, **closed, **guarded,
        )  # fmt: skip
    except (OSError, socket.gaierror) as failure:
        raise InputError(unable(given, failure)) from None
    name = f"[{given.address}]" if ":" in given.address else given.address
    if is_local(given.address):
        origins = server._tornado.websocket_origins  # known only now if the port was chosen by the system
        origins.update(f"{host}:{server.port}" for host in {name, LOCAL, "localhost"})
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    server.start()
    address = f"http://{name}:{server.port}/"
    print(f"The viewer is at {address} (Ctrl-C ends it)", flush=True)
    if given.show:
        server.io_loop.add_callback(server.show, "/")
    gc.collect()
    gc.freeze()  # what was imported stays: to look through it again with every page takes a twelfth of a page's time
    server.io_loop.start()
    server.stop()


def unable(given: argparse.Namespace, failure: OSError) -> str:
    """Why the server cannot listen, and what to do."""
    where = f"{given.address}:{given.port}"
    if failure.errno == errno.EADDRINUSE:
        return f"--port {given.port}: already in use; end the other server, or choose another with --port (0: any)"
    if failure.errno == errno.EACCES:
        return f"--port {given.port}: not allowed; choose one above 1023"
    return f"--address {where}: {failure.strerror}; give an address of this machine, such as {LOCAL} or 0.0.0.0"


def main() -> None:
    given = arguments()
    with told_in_one_line():
        secret = password(given.password_file)
        check(given, secret)
        serve(given, secret)


def leave() -> None:
    """End at once. As Python winds down, DuckDB lists in sixty lines what still holds its objects, like a crash."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
    leave()
