from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from json import JSONDecoder, JSONEncoder
from typing import Any, Self

from pusher.authentication_client import AuthenticationClient
from pusher.client import _Backend
from pusher.pusher_client import PusherClient

class Pusher:
    _pusher_client: PusherClient
    _authentication_client: AuthenticationClient

    def __init__(
        self,
        app_id: str | bytes,
        key: str | bytes,
        secret: str | bytes,
        ssl: bool = True,
        host: str | bytes | None = None,
        port: int | None = None,
        timeout: float = 5,
        cluster: str | bytes | None = None,
        encryption_master_key: str | bytes | None = None,
        encryption_master_key_base64: str | bytes | None = None,
        json_encoder: type[JSONEncoder] | None = None,
        json_decoder: type[JSONDecoder] | None = None,
        backend: Callable[..., _Backend] | None = None,
        **backend_options: Any,
    ) -> None: ...
    @classmethod
    def from_url(cls, url: str | bytes, **options: Any) -> Self: ...
    @classmethod
    def from_env(cls, env: str = "PUSHER_URL", **options: Any) -> Self: ...
    # What a call returns is the backend's: a parsed body, or an awaitable of one.
    def trigger(
        self,
        channels: str | Collection[str | bytes],
        event_name: str | bytes,
        data: object,
        socket_id: str | bytes | None = None,
    ) -> Any: ...
    def send_to_user(self, user_id: str | bytes, event_name: str | bytes, data: object) -> Any: ...
    def trigger_batch(
        self, batch: Sequence[dict[str, Any]] = [], already_encoded: bool = False
    ) -> Any: ...
    def channels_info(
        self, prefix_filter: str | bytes | None = None, attributes: Iterable[str] = []
    ) -> Any: ...
    def channel_info(self, channel: str | bytes, attributes: Iterable[str] = []) -> Any: ...
    def users_info(self, channel: str | bytes) -> Any: ...
    def terminate_user_connections(self, user_id: str | bytes) -> Any: ...
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
