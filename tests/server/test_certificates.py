"""Certificates: one that is made, and those that are given."""

from __future__ import annotations

import os
import ssl
import stat
import sys
from pathlib import Path

import pytest

from pusher_mock import UsageError
from pusher_mock.server.certificates import check_certificate, self_signed


def handshake(certfile: str, cafile: str, name: str) -> None:
    """Connect both ends in memory."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certfile)
    context = ssl.create_default_context(cafile=cafile)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    done: set[ssl.SSLObject] = set()
    for _ in range(10):
        for end in (client, server):
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                continue
        if len(done) == 2:
            return
    raise AssertionError("the handshake does not end")


def test_it_is_for_this_machine():
    with self_signed("mybox.example") as made:
        assert made.names == ("localhost", "127.0.0.1", "::1", "mybox.example")
        for name in made.names:
            handshake(made.certfile, made.cafile, name)
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(made.certfile, made.cafile, "other.example")
        check_certificate(made.certfile)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::", ""])
def test_a_host_that_adds_nothing(host: str):
    with self_signed(host) as made:
        assert made.names == ("localhost", "127.0.0.1", "::1")


def test_nobody_else_reads_it_and_nothing_is_left():
    with self_signed() as made:
        folder = Path(made.certfile).parent
        assert sorted(os.listdir(folder)) == ["ca.pem", "server.pem"]
        assert b"PRIVATE KEY" not in Path(made.cafile).read_bytes()
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert stat.S_IMODE(Path(made.certfile).stat().st_mode) == 0o600
    assert not folder.exists()


def test_a_host_that_has_no_certificates():
    with pytest.raises(UsageError, match="is no name or address"), self_signed("a b"):
        pass


def test_without_trustme(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(UsageError, match=r"pip install 'pusher-mock\[tls\]'"), self_signed():
        pass


def test_what_cannot_be_served(tmp_path: Path):
    with pytest.raises(UsageError, match=r"none\.pem: No such file"):
        check_certificate("none.pem")
    with self_signed() as made:
        with pytest.raises(UsageError, match=r"ca\.pem: no certificate and key in PEM;"):
            check_certificate(made.cafile)
        said = r"server\.pem and .*: key values mismatch;"
        with self_signed() as other, pytest.raises(UsageError, match=said):
            check_certificate(made.certfile, other.certfile)
    (tmp_path / "text.pem").write_text("hello")
    with pytest.raises(UsageError, match=r"text\.pem: \w"):
        check_certificate(str(tmp_path / "text.pem"))


def test_a_key_with_a_password_is_not_asked_for(tmp_path: Path):
    from cryptography.hazmat.primitives import serialization

    with self_signed() as made:
        pem = Path(made.certfile).read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        locked = tmp_path / "locked.pem"
        locked.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"hunter2"),
            )
        )
        with pytest.raises(UsageError, match="the key without a password"):
            check_certificate(made.certfile, str(locked))
