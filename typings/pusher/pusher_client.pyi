from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pusher.client import Client as Client
from pusher.crypto import *
from pusher.http import GET as GET
from pusher.http import POST as POST
from pusher.http import Request as Request
from pusher.http import request_method as request_method
from pusher.util import data_to_string as data_to_string
from pusher.util import ensure_text as ensure_text
from pusher.util import join_attributes as join_attributes
from pusher.util import validate_channel as validate_channel
from pusher.util import validate_socket_id as validate_socket_id
from pusher.util import validate_user_id as validate_user_id

class PusherClient(Client):
    @request_method
    def trigger(
        self,
        channels: str | Collection[str | bytes],
        event_name: str | bytes,
        data: object,
        socket_id: str | bytes | None = None,
    ) -> Request: ...
    @request_method
    def trigger_batch(
        self, batch: Sequence[dict[str, Any]] = [], already_encoded: bool = False
    ) -> Request: ...
    @request_method
    def channels_info(
        self, prefix_filter: str | bytes | None = None, attributes: Iterable[str] = []
    ) -> Request: ...
    @request_method
    def channel_info(self, channel: str | bytes, attributes: Iterable[str] = []) -> Request: ...
    @request_method
    def users_info(self, channel: str | bytes) -> Request: ...
    @request_method
    def terminate_user_connections(self, user_id: str | bytes) -> Request: ...
