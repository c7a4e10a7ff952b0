from collections.abc import Mapping
from typing import Any

from pusher.client import Client as Client
from pusher.crypto import *
from pusher.http import GET as GET
from pusher.http import POST as POST
from pusher.http import Request as Request
from pusher.http import request_method as request_method
from pusher.signature import sign as sign
from pusher.signature import verify as verify
from pusher.util import channel_name_re as channel_name_re
from pusher.util import ensure_binary as ensure_binary
from pusher.util import ensure_text as ensure_text
from pusher.util import validate_channel as validate_channel
from pusher.util import validate_socket_id as validate_socket_id
from pusher.util import validate_user_data as validate_user_data

class AuthenticationClient(Client):
    # `shared_secret` is bytes, `auth` and `channel_data` are text (3.3.4).
    def authenticate(
        self,
        channel: str | bytes,
        socket_id: str | bytes,
        custom_data: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]: ...
    def authenticate_user(
        self, socket_id: str | bytes, user_data: Mapping[str, Any] | None = None
    ) -> dict[str, Any]: ...
    def validate_webhook(
        self, key: str | bytes, signature: str | bytes, body: str | bytes
    ) -> dict[str, Any] | None: ...
