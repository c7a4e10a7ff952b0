"""End-to-end encryption against the SDK's own (facts 2.6, 7)."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pusher import Pusher
from pusher.crypto import encrypt

from pusher_mock.protocol import UsageError
from pusher_mock.protocol.encryption import decrypt, shared_secret

CHANNEL = "private-encrypted-c"
MASTER_BASE64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MASTER = base64.b64decode(MASTER_BASE64)


def encrypted(data: str, channel: str = CHANNEL) -> str:
    """What the SDK puts on the wire for this data."""
    return json.dumps(encrypt(channel, data, MASTER))


def test_shared_secret():
    # facts 7
    expected = "o+WV73npQ+jSs6e1i1NlgjCFLLMY3bU7Y2obkJkDXis="
    assert base64.b64encode(shared_secret(CHANNEL, MASTER)).decode() == expected


def test_shared_secret_is_the_one_the_sdk_hands_out():
    # facts 2.6, 5.1
    sdk = Pusher("3", "k", "s", encryption_master_key_base64=MASTER_BASE64)
    answer = sdk.authenticate(CHANNEL, "1.1")
    assert base64.b64decode(answer["shared_secret"]) == shared_secret(CHANNEL, MASTER)


@pytest.mark.parametrize("data", ["", '{"a":1}', "żółw 🐢", "x" * 10_000])
def test_decrypts_what_the_sdk_encrypted(data: str):
    assert decrypt(CHANNEL, encrypted(data), MASTER) == data


@pytest.mark.parametrize("key", [b"", b"short", MASTER + b"x", MASTER_BASE64.encode()])
def test_a_master_key_has_32_bytes(key: bytes):
    with pytest.raises(UsageError, match=f"32 bytes, this one {len(key)}; decode the base64"):
        decrypt(CHANNEL, "{}", key)


def test_another_channel_has_another_key():
    with pytest.raises(UsageError, match="another master key or for another channel"):
        decrypt("private-encrypted-d", encrypted("x"), MASTER)


def test_a_nonce_has_24_bytes():
    data = json.dumps({"nonce": base64.b64encode(b"short").decode(), "ciphertext": "QUJD"})
    with pytest.raises(UsageError, match="the nonce has 5 bytes instead of 24"):
        decrypt(CHANNEL, data, MASTER)


@pytest.mark.parametrize(
    "data",
    [
        "not JSON",
        "[]",
        "3",
        "{}",
        '{"nonce":"QUJD"}',
        '{"nonce":1,"ciphertext":2}',
        '{"nonce":"*","ciphertext":"*"}',
        '{"nonce":"ż","ciphertext":"ż"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_encrypted_payload(data: str):
    with pytest.raises(UsageError, match="is not an encrypted payload"):
        decrypt(CHANNEL, data, MASTER)


@given(
    channel=st.text(st.characters()),
    payload=st.text(st.characters())
    | st.builds(
        lambda nonce, ciphertext: json.dumps(
            {
                "nonce": base64.b64encode(nonce).decode(),
                "ciphertext": base64.b64encode(ciphertext).decode(),
            }
        ),
        st.binary(min_size=23, max_size=25),
        st.binary(),
    ),
    key=st.binary(min_size=31, max_size=33),
)
def test_whatever_it_is_given_it_raises_only_its_own_error(channel: str, payload: str, key: bytes):
    with pytest.raises(UsageError):
        decrypt(channel, payload, key)
