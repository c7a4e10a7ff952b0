from typing import Final

from pusher.util import data_to_string as data_to_string
from pusher.util import ensure_binary as ensure_binary
from pusher.util import ensure_text as ensure_text
from pusher.util import is_base64 as is_base64

ENCRYPTED_PREFIX: Final = "private-encrypted-"

def is_encrypted_channel(channel: str) -> bool: ...
def parse_master_key(
    encryption_master_key: str | bytes | None, encryption_master_key_base64: str | bytes | None
) -> bytes | None: ...
def generate_shared_secret(channel: bytes, encryption_master_key: bytes | None) -> bytes: ...
def encrypt(
    channel: str | bytes,
    data: str,
    encryption_master_key: bytes | None,
    nonce: str | bytes | None = None,
) -> dict[str, str]: ...
