"""A certificate of one's own for TLS on this machine, and a check of one that is given."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pusher_mock.core.loopback import ANY_ADDRESS
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Certificate", "check_certificate", "self_signed"]

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM.

    Attributes:
        certfile: the certificate and its private key.
        cafile: the authority that signed it, for whoever is to trust it.
        names: the hosts that it is for.
    """

    certfile: str
    cafile: str
    names: tuple[str, ...]


@contextmanager
def self_signed(host: str = "127.0.0.1") -> Iterator[Certificate]:
    """Make an authority and a certificate for this machine, until the block ends.

    They are in a directory that nobody else may enter, and gone with it. The authority's private
    key is written nowhere, so nobody can sign a second certificate with it.

    Args:
        host: a further name or address of the server.

    Raises:
        UsageError: trustme is not installed.
    """
    try:
        import trustme
    except ModuleNotFoundError:
        raise UsageError(
            "a self-signed certificate needs trustme: pip install 'pusher-mock[tls]'"
        ) from None

    names = tuple(dict.fromkeys([*_LOCAL, *({host} - ANY_ADDRESS)]))
    with TemporaryDirectory(prefix="pusher-mock-") as folder:
        authority = trustme.CA(
            organization_name="pusher-mock", organization_unit_name="made for one run of a server"
        )
        try:
            own = authority.issue_cert(*names, common_name=names[0])
        except ValueError:
            raise UsageError(
                f"{host} is no name or address that a certificate can be for"
            ) from None
        cafile, certfile = Path(folder, "ca.pem"), Path(folder, "server.pem")
        authority.cert_pem.write_to_path(cafile)
        certfile.touch(mode=0o600)
        own.private_key_and_cert_chain_pem.write_to_path(certfile)
        yield Certificate(str(certfile), str(cafile), names)


def check_certificate(certfile: str, keyfile: str | None = None) -> None:
    """Find out before a server starts whether its certificate can be used.

    Raises:
        UsageError: the files are not there, not readable, or do not belong together.
    """
    files = certfile if keyfile is None else f"{certfile} and {keyfile}"
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile, lambda: "")
    except OSError as error:
        why = error.strerror
        if isinstance(error, ssl.SSLError):  # its text is the place in a source file
            known = (error.reason or "").replace("_", " ").lower()
            why = known or "no certificate and key in PEM"
        raise UsageError(
            f"cannot serve TLS with {files}: {why}; give a certificate chain and its key in PEM, "
            "the key without a password"
        ) from None
