"""The feed, by pysher."""

import json
import time
from collections.abc import Callable
from typing import Any

import pysher

KEY = "18181818181818181818"


class Datafeed:
    """Calls back for each event of a channel.

    When the service closes with 4200, what was subscribed before is lost with older versions.
    """

    def __init__(self) -> None:
        self.pusher = pysher.Pusher(KEY, auto_sub=True)

    def connect(self) -> None:
        self.pusher.connect()
        time.sleep(1)

    def is_connected(self) -> bool:
        return self.pusher.connection.is_alive()

    def is_open(self) -> bool:
        socket: Any = self.pusher.connection.socket
        return socket.sock is not None and bool(socket.sock.connected)

    def on(self, channel: str, event: str, callback: Callable[[Any], None]) -> None:
        found = self.pusher.channel(channel) or self.pusher.subscribe(channel)
        found.bind(event, lambda data: callback(json.loads(data)))

    def disconnect(self) -> None:
        self.pusher.disconnect(timeout=5)
