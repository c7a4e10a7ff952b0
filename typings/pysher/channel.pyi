from collections import defaultdict
from collections.abc import Callable
from typing import Any

from pysher.connection import Connection

class Channel:
    name: str
    connection: Connection
    # event -> (callback, args, kwargs), called as callback(data, *args, **kwargs)
    event_callbacks: defaultdict[
        str, list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]]
    ]
    auth: str | None

    def __init__(
        self, channel_name: str, connection: Connection, auth: str | None = None
    ) -> None: ...
    def bind(
        self, event_name: str, callback: Callable[..., object], *args: Any, **kwargs: Any
    ) -> None: ...
    def trigger(self, event_name: str, data: object) -> None: ...
    def _handle_event(self, event_name: str, data: Any) -> None: ...
