from typing import Any

from pysher.channel import Channel as Channel
from pysher.connection import Connection as Connection

VERSION: str

class Pusher:
    host: str
    client_id: str
    protocol: int
    key: str | bytes
    secret: str | bytes
    auth_endpoint: str | None
    auth_endpoint_headers: dict[str, str] | None
    user_data: dict[str, Any]
    channels: dict[str, Channel]
    url: str
    connection: Connection

    def __init__(
        self,
        key: str | bytes,
        cluster: str = "",
        secure: bool = True,
        secret: str | bytes = "",
        auth_endpoint: str | None = None,
        auth_endpoint_headers: dict[str, str] | None = {},
        user_data: dict[str, Any] | None = None,
        log_level: int | str = 20,
        daemon: bool = True,
        port: int | None = 443,
        reconnect_interval: float = 10,
        custom_host: str = "",
        auto_sub: bool = False,
        http_proxy_host: str = "",
        http_proxy_port: int = 0,
        http_no_proxy: list[str] | None = None,
        http_proxy_auth: tuple[str, str] | None = None,
        **thread_kwargs: Any,
    ) -> None: ...
    @property
    def key_as_bytes(self) -> bytes: ...
    @property
    def secret_as_bytes(self) -> bytes: ...
    def connect(self) -> None: ...
    def disconnect(self, timeout: float | None = None) -> None: ...
    def subscribe(self, channel_name: str, auth: str | None = None) -> Channel: ...
    def unsubscribe(self, channel_name: str) -> None: ...
    def channel(self, channel_name: str) -> Channel | None: ...
    def _connection_handler(self, event_name: str, data: Any, channel_name: str) -> None: ...
    def _reconnect_handler(self) -> None: ...
    def _generate_auth_token(self, channel_name: str) -> str: ...
    def _generate_presence_token(self, channel_name: str) -> str: ...
    def _build_url(
        self, secure: bool = True, port: int | None = None, custom_host: str | None = None
    ) -> str: ...
