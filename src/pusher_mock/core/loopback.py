"""Which names and addresses are this machine and nobody else."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

__all__ = ["ANY_ADDRESS", "bare_host", "is_loopback"]

ANY_ADDRESS = frozenset({"", "0.0.0.0", "::"})
"""What stands for every address of this machine when a server listens on it."""


def bare_host(authority: str) -> str:
    """The host of ``HOST[:PORT]``, as in a ``Host`` header: lower case, without brackets."""
    authority = authority.strip().lower()
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    host, _, port = authority.partition(":")
    # More than one colon is an address of version 6 without brackets.
    return authority if ":" in port else host


def is_loopback(host: str) -> bool:
    """Whether a host is reached from this machine only.

    Args:
        host: a name or an address, without port. Names are not looked up: apart from ``localhost``
            and what is below it, which resolvers keep on this machine (RFC 6761, 6.3), none is.
    """
    host = bare_host(host).removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
