"""Encrypted channels: the SDK encrypts, the mock only gives the nonce (facts 2.6)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pusher import crypto

from pusher_mock import MockPusherServer, PusherMock, UsageError
from pusher_mock.protocol.encryption import decrypt

from .real import MASTER_KEY, MASTER_KEY_BASE64

CHANNEL = "private-encrypted-c"


def encrypting(mock: PusherMock, **options: Any) -> MockPusherServer:
    return mock.server(encryption_master_key_base64=MASTER_KEY_BASE64, **options)


def nonces(mock: PusherMock) -> list[str]:
    return [one.data["nonce"] for one in mock.published(CHANNEL)]


def test_what_goes_out_is_encrypted_and_can_be_read():
    mock = PusherMock()
    data = {"secret": "zażółć ☃", "n": [1]}
    encrypting(mock).trigger(CHANNEL, "e", data)
    (event,) = mock.published(CHANNEL, "e")
    assert set(event.data) == {"nonce", "ciphertext"}
    assert "secret" not in event.raw
    assert json.loads(decrypt(CHANNEL, event.raw, MASTER_KEY)) == data
    with pytest.raises(UsageError, match="another master key or for another channel"):
        decrypt(f"{CHANNEL}2", event.raw, MASTER_KEY)


def test_the_text_is_the_sdks():
    # the double gives the nonce; everything else is the SDK's own code
    mock = PusherMock()
    encrypting(mock).trigger(CHANNEL, "e", "d")
    (event,) = mock.published(CHANNEL)
    nonce = base64.b64decode(event.data["nonce"])
    assert event.raw == json.dumps(crypto.encrypt(CHANNEL, "d", MASTER_KEY, nonce))


def test_a_batch_is_encrypted_event_by_event():
    mock = PusherMock()
    batch: list[dict[str, Any]] = [
        {"channel": CHANNEL, "name": "e", "data": {"n": 1}},
        {"channel": "clear", "name": "e", "data": {"n": 2}},
        {"channel": CHANNEL, "name": "e", "data": {"n": 3}},
    ]
    encrypting(mock).trigger_batch(batch)
    assert [
        json.loads(decrypt(CHANNEL, one.raw, MASTER_KEY)) for one in mock.published(CHANNEL)
    ] == [
        {"n": 1},
        {"n": 3},
    ]
    assert mock.published("clear")[0].data == {"n": 2}
    assert len(set(nonces(mock))) == 2
    assert "ciphertext" in batch[0]["data"]  # changed by the call, as in the SDK


def test_a_key_does_not_change_what_is_not_encrypted():
    mock = PusherMock()
    encrypting(mock).trigger(["c", "private-c"], "e", {"n": 1})
    assert [one.data for one in mock.published()] == [{"n": 1}, {"n": 1}]


def test_a_raw_master_key():
    mock = PusherMock()
    with pytest.warns(UserWarning, match="encryption_master_key"):
        server = mock.server(encryption_master_key=MASTER_KEY)
    server.trigger(CHANNEL, "e", "d")
    assert decrypt(CHANNEL, mock.published()[0].raw, MASTER_KEY) == "d"


def test_the_nonce_comes_from_the_mocks_seed():
    journals = []
    for seed in (1, 1, 2):
        mock = PusherMock(seed=seed)
        server = encrypting(mock)
        server.trigger(CHANNEL, "e", "d")
        server.trigger(CHANNEL, "e", "d")
        first, second = nonces(mock)
        assert first != second
        assert len(base64.b64decode(first)) == 24
        journals.append(mock.journal.dumps())
    assert journals[0] == journals[1]
    assert journals[0] != journals[2]


def test_reset_starts_the_nonces_over():
    mock = PusherMock(seed=3)
    server = encrypting(mock)
    server.trigger(CHANNEL, "e", "d")
    before = mock.journal.dumps()
    mock.reset()
    server.trigger(CHANNEL, "e", "d")
    assert mock.journal.dumps() == before


def test_an_unbound_publisher_takes_the_current_mocks_nonces():
    server = MockPusherServer(
        "mock-app-id",
        "mock-pusher-key",
        "mock-pusher-secret",
        encryption_master_key_base64=MASTER_KEY_BASE64,
    )
    found = []
    for seed in (1, 2, 1):
        with PusherMock(seed=seed) as mock:
            server.trigger(CHANNEL, "e", "d")
            found += nonces(mock)
    assert found[0] == found[2] != found[1]


def test_the_modules_of_the_sdk_are_not_patched():
    from pusher import pusher_client

    before = pusher_client.encrypt
    encrypting(PusherMock()).trigger(CHANNEL, "e", "d")
    assert pusher_client.encrypt is before is crypto.encrypt
