"""The feed, by hand."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any

import websocket

KEY = "18181818181818181818"
URL = f"ws://ws.pusherapp.com:80/app/{KEY}?client=feed&version=1.0&protocol=6"


class BitstampFeed:
    """Calls back for each event of a channel, on a thread of its own."""

    def __init__(self) -> None:
        self._callbacks: dict[tuple[str, str], Callable[[Any], None]] = {}
        self._socket = websocket.create_connection(URL, timeout=10)
        established = json.loads(self._socket.recv())
        assert established["event"] == "pusher:connection_established"
        self.socket_id = json.loads(established["data"])["socket_id"]
        self._thread = Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while True:
            try:
                text = self._socket.recv()
            except (websocket.WebSocketException, OSError):
                return
            if not text:
                return
            message = json.loads(text)
            if message["event"] == "pusher:ping":
                self._socket.send(json.dumps({"event": "pusher:pong"}))
            callback = self._callbacks.get((message.get("channel"), message["event"]))
            if callback is not None:
                callback(json.loads(message["data"]))

    def on(self, channel: str, event: str, callback: Callable[[Any], None]) -> None:
        self._callbacks[channel, event] = callback
        subscription = {"event": "pusher:subscribe", "data": {"channel": channel}}
        self._socket.send(json.dumps(subscription))

    def is_connected(self) -> bool:
        return self._thread.is_alive()

    def disconnect(self) -> None:
        self._socket.close()
        self._thread.join(5)
