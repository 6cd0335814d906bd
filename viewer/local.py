"""Who may look: whether an address is of this machine, and what is asked of others where Panel itself serves."""

import ipaddress

GUEST = "guest"  # whom Panel lets in without a password


def is_local(address: str) -> bool:
    """Whether only this machine reaches a server at `address`, or whether a request from there is of this machine."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address == "localhost"
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def is_admitted(address: str, user: str | None) -> bool:
    """Whether who asks from `address` may look: from this machine, or as a `user` who gave Panel's password.

    `panel serve` listens on every address of the machine unless told otherwise, and lets in everybody.
    """
    return is_local(address) or user not in (None, GUEST)
