"""Channel kinds, names and the connection URL (facts 1.1, 1.3)."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.protocol import ProtocolViolation
from pusher_mock.protocol.names import (
    CHANNEL_KINDS,
    PUBLIC,
    Handshake,
    channel_kind,
    is_socket_id,
    is_user_id,
    is_valid_channel,
    parse_handshake,
    user_channel,
)

ANY_TEXT = st.text(st.characters())  # half surrogate pairs included

# facts 1.3: name -> prefix and (auth, members, encrypted, cache, one user's)
KINDS = {
    "public": ("", (False, False, False, False, False)),
    "private-a": ("private-", (True, False, False, False, False)),
    "presence-a": ("presence-", (True, True, False, False, False)),
    "private-encrypted-a": ("private-encrypted-", (True, False, True, False, False)),
    "cache-a": ("cache-", (False, False, False, True, False)),
    "private-cache-a": ("private-cache-", (True, False, False, True, False)),
    "presence-cache-a": ("presence-cache-", (True, True, False, True, False)),
    "private-encrypted-cache-a": ("private-encrypted-cache-", (True, False, True, True, False)),
    "#server-to-user-1": ("#server-to-user-", (False, False, False, False, True)),
    # the exact leading text counts
    "private-encrypted": ("private-", (True, False, False, False, False)),
    "private-encrypted-cache": ("private-encrypted-", (True, False, True, False, False)),
    "private-cache": ("private-", (True, False, False, False, False)),
    "presence-cache": ("presence-", (True, True, False, False, False)),
    "cachefoo": ("", (False, False, False, False, False)),
    "cache": ("", (False, False, False, False, False)),
    "private": ("", (False, False, False, False, False)),
    "presence": ("", (False, False, False, False, False)),
    "a-private-b": ("", (False, False, False, False, False)),
    "Private-a": ("", (False, False, False, False, False)),
    "private-": ("private-", (True, False, False, False, False)),
}


@pytest.mark.parametrize(("name", "prefix", "traits"), [(n, *k) for n, k in KINDS.items()])
def test_channel_kinds(name: str, prefix: str, traits: tuple[bool, ...]):
    kind = channel_kind(name)
    assert dataclasses.astuple(kind) == (prefix, *traits)
    # facts 1.3: client events where a signature is needed, counts but on presence and user channels
    assert kind.client_events == kind.private
    assert kind.counted == (not kind.presence and not kind.user)


def test_every_kind_is_in_the_table():
    assert {channel_kind(name) for name in KINDS} == {*CHANNEL_KINDS, PUBLIC}


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("a", True),
        ("private-Az09_-=@,.;", True),  # facts 1.3: the whole alphabet
        ("x" * 164, True),
        ("x" * 165, False),
        ("private-" + "x" * 156, True),
        ("private-" + "x" * 157, False),  # facts 1.3: the prefix counts
        ("", False),
        ("a b", False),
        ("a/b", False),
        ("a:b", False),
        ("é", False),
        ("a\n", False),
        ("#a", False),  # facts 1.3: reserved
        ("#server-to-user-1", True),
        ("#server-to-user-", False),
        ("#server-to-user-#", False),
        ("#server-to-user-" + "x" * 148, True),
        ("#server-to-user-" + "x" * 149, False),
    ],
)
def test_channel_names(name: str, valid: bool):
    assert is_valid_channel(name) is valid


@pytest.mark.parametrize(
    ("socket_id", "valid"),
    [
        ("123.456", True),
        ("3363.1846347", True),  # facts 1.1.11
        ("1.1", True),
        ("", False),
        ("1", False),
        ("1.", False),
        (".1", False),
        ("1.1.1", False),
        ("-1.1", False),
        ("1.1\n", False),
        ("\u0661.\u0662", False),
    ],
)
def test_socket_ids(socket_id: str, valid: bool):
    assert is_socket_id(socket_id) is valid


@pytest.mark.parametrize(
    ("user_id", "valid"),
    [
        ("1", True),
        ("a-b_c=@,.;", True),
        ("x" * 200, True),
        ("", False),
        ("x" * 201, False),
        ("a b", False),
        ("#1", False),
        ("1\n", False),
    ],
)
def test_user_ids(user_id: str, valid: bool):
    # facts 1.13.2, 2.5
    assert is_user_id(user_id) is valid


def test_user_channel():
    # facts 2.2.9
    assert user_channel("12345") == "#server-to-user-12345"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        # facts 1.1.2: pusher-js
        (
            "/app/KEY?protocol=7&client=js&version=8.6.0&flash=false",
            Handshake("KEY", 7, "js", "8.6.0"),
        ),
        # facts 1.1.3: pysher, in its own order
        ("/app/KEY?client=Pysher&version=1.0.7&protocol=6", Handshake("KEY", 6, "Pysher", "1.0.7")),
        # facts 1.1.4: unknown parameters
        ("/app/KEY?protocol=5&x=1&=2&&y", Handshake("KEY", 5)),
        ("/app/KEY?protocol=4", Handshake("KEY", 4)),
        ("/app/KEY?protocol=7&version=10.1-beta_2+x", Handshake("KEY", 7, "", "10.1-beta_2 x")),
        ("/app/a%2Fb%20c?protocol=7", Handshake("a/b c", 7)),
    ],
)
def test_handshakes(target: str, expected: Handshake):
    assert parse_handshake(target) == expected


@pytest.mark.parametrize(
    ("target", "code", "message"),
    [
        # facts 1.1.6
        ("", 4005, "Path not found"),
        ("/", 4005, "Path not found"),
        ("/app/", 4005, "Path not found"),
        ("/app/?protocol=7", 4005, "Path not found"),
        ("//app/KEY?protocol=7", 4005, "Path not found"),
        ("/app//KEY?protocol=7", 4005, "Path not found"),
        ("/app/KEY/?protocol=7", 4005, "Path not found"),
        ("/apps/KEY?protocol=7", 4005, "Path not found"),
        # facts 1.1.5, 1.11: missing
        ("/app/KEY", 4008, "No protocol version was given"),
        ("/app/KEY?client=js", 4008, "No protocol version was given"),
        ("/app/KEY?protocol=", 4008, "No protocol version was given"),
        # facts 1.1.5, 1.11: no integer, or not served
        ("/app/KEY?protocol=x", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=7.0", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=-7", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=3", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=8", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=%D9%A7", 4007, "Unsupported protocol version"),
        ("/app/KEY?protocol=" + "7" * 5000, 4007, "Unsupported protocol version"),
        # facts 1.10: 4006
        ("/app/KEY?protocol=7&version=%00", 4006, "Invalid version string format"),
    ],
)
def test_refused_handshakes(target: str, code: int, message: str):
    with pytest.raises(ProtocolViolation) as caught:
        parse_handshake(target)
    violation = caught.value
    assert (violation.code, violation.message, violation.fatal) == (code, message, True)


def test_a_wrong_path_is_explained():
    with pytest.raises(ProtocolViolation, match="connect to /app/KEY, not to '/pusher/app/KEY'"):
        parse_handshake("/pusher/app/KEY?protocol=7")


@given(ANY_TEXT | st.builds("/app/{}?{}".format, ANY_TEXT, ANY_TEXT))
def test_any_target_is_a_handshake_or_a_fatal_violation(target: str):
    match _parsed(target):
        case Handshake(key, protocol):
            assert key
            assert 4 <= protocol <= 7
        case ProtocolViolation(fatal=fatal, code=code):
            assert fatal
            assert code in {4005, 4006, 4007, 4008}


def _parsed(target: str) -> Handshake | ProtocolViolation:
    try:
        return parse_handshake(target)
    except ProtocolViolation as violation:
        return violation


@given(ANY_TEXT)
def test_any_text_has_a_kind(name: str):
    assert name.startswith(channel_kind(name).prefix)
    assert is_valid_channel(name) in {True, False}
    assert is_user_id(name) in {True, False}
    assert is_socket_id(name) in {True, False}
