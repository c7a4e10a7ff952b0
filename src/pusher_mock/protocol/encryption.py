"""End-to-end encryption of ``private-encrypted-`` channels (facts 2.6).

The service only relays ciphertext; these functions let a test read what it relayed.
"""

from __future__ import annotations

import base64
import hashlib
import json

from .errors import UsageError

__all__ = ["decrypt", "shared_secret"]

_KEY_BYTES = 32  # facts 2.6
_NONCE_BYTES = 24  # facts 2.6


def shared_secret(channel: str, master_key: bytes) -> bytes:
    """Return the 32-byte key of one channel (facts 2.6).

    Raises:
        UsageError: the master key is not 32 bytes long.
    """
    if len(master_key) != _KEY_BYTES:
        raise UsageError(
            f"an encryption master key has {_KEY_BYTES} bytes, this one {len(master_key)}; "
            "decode the base64 text first"
        )
    return hashlib.sha256(channel.encode("utf-8", "surrogatepass") + master_key).digest()


def decrypt(channel: str, data: str, master_key: bytes) -> str:
    """Return the clear text of the data of an event on an encrypted channel.

    Args:
        channel: the channel it was published on.
        data: the event's data as it was on the wire: ``{"nonce": …, "ciphertext": …}``.
        master_key: the 32 bytes whose base64 the publisher was given.

    Raises:
        UsageError: the data is not an encrypted payload, or another key encrypted it.
    """
    # PyNaCl comes with the SDK and takes 20 ms to import, so it is imported when first used.
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    key = shared_secret(channel, master_key)
    try:
        payload = json.loads(data)
        nonce = base64.b64decode(payload["nonce"], validate=True)
        ciphertext = base64.b64decode(payload["ciphertext"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(
            f"the data on {channel} is not an encrypted payload; "
            'expected {"nonce": "<base64>", "ciphertext": "<base64>"}'
        ) from None
    if len(nonce) != _NONCE_BYTES:
        raise UsageError(f"the nonce has {len(nonce)} bytes instead of {_NONCE_BYTES}")
    try:
        return SecretBox(key).decrypt(ciphertext, nonce).decode("utf-8", "replace")
    except CryptoError:
        raise UsageError(
            f"the data on {channel} was encrypted with another master key or for another channel"
        ) from None
