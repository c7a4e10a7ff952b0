"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from pusher_mock.core.loopback import bare_host, is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "shop.localhost:80",
        "127.0.0.1",
        "127.8.9.10:6001",
        "::1",
        "[::1]:6001",
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0",
        "::",
        "192.168.1.5",
        "::ffff:192.168.1.5",
        "2001:db8::1",
        "localhost.example",
        "notlocalhost",
        "127.0.0.1.example",
        "127.1",
        "localhost@example",
    ],
)
def test_others(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("Example.org:80", "example.org"),
        ("[2001:DB8::1]:80", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        (" a ", "a"),
        ("", ""),
    ],
)
def test_the_host_alone(authority: str, host: str):
    assert bare_host(authority) == host
