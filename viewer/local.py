"""Who may look: whether an address is of this machine, and what is asked of others where Panel itself serves."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

GUEST = "guest"  # whom Panel lets in without a password
# A proxy says by one of these for whom it asks; a browser sends none of them.
PASSED_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


def is_local(address: str) -> bool:
    """Whether only this machine reaches a server at `address`, or whether a request from there is of this machine."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address == "localhost"
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def host_of(origin: str) -> str:
    """The host of HOST, HOST:PORT or scheme://HOST:PORT, without the brackets of an IPv6 address; empty if none."""
    try:
        return urlsplit(origin if "//" in origin else f"//{origin}").hostname or ""
    except ValueError:
        return ""


def is_of_this_machine(request: Any) -> bool:
    """Whether a request (`remote_ip`, `headers`) comes from a browser on this machine, and from nobody behind a proxy.

    To a server that a proxy on the same machine asks, everybody seems to be on this machine. So the page's own address
    must be one of this machine too, and nothing may say that the request was passed on. A proxy that hides all of this
    cannot be told from a browser here.
    """
    headers = request.headers
    if not is_local(str(request.remote_ip)) or any(name in headers for name in PASSED_ON):
        return False
    origin = headers.get("Origin")
    return is_local(host_of(headers.get("Host", ""))) and (origin is None or is_local(host_of(origin)))


def is_admitted(request: Any, user: str | None) -> bool:
    """Whether who sent a session's `request` may look: from this machine, or as a `user` who gave Panel's password.

    `panel serve` listens on every address of the machine unless told otherwise, and lets in everybody.
    """
    # Not the headers that Bokeh shows: it reads them from the session's token, which whoever asks can make up.
    return is_of_this_machine(getattr(request, "_request", request)) or user not in (None, GUEST)
