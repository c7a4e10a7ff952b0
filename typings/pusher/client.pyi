from collections.abc import Callable
from json import JSONDecoder, JSONEncoder
from typing import Any, Protocol, type_check_only

from pusher.http import Request

@type_check_only
class _Backend(Protocol):
    """What `Client` calls; exists for type checkers alone."""

    def send_request(self, request: Request, /) -> Any: ...

class Client:
    _app_id: str
    _key: str
    _secret: str
    _ssl: bool
    _host: str
    _port: int
    _timeout: float
    _json_encoder: type[JSONEncoder] | None
    _json_decoder: type[JSONDecoder] | None
    _encryption_master_key: bytes | None
    http: _Backend

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
    @property
    def app_id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def timeout(self) -> float: ...
    @property
    def ssl(self) -> bool: ...
    @property
    def scheme(self) -> str: ...
