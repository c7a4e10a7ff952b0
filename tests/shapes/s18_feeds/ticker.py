"""The feed, by hand, with callbacks."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any

import websocket

from .bitstamp import URL


class Ticker:
    """Subscribes to one channel whenever it is connected."""

    def __init__(self, channel: str, callback: Callable[[str, Any], None]) -> None:
        self._channel = channel
        self._callback = callback
        self.app = websocket.WebSocketApp(URL, on_message=self._message)
        self.thread = Thread(target=self.app.run_forever, daemon=True)
        self.thread.start()

    def _message(self, app: websocket.WebSocketApp, text: str) -> None:
        message = json.loads(text)
        if message["event"] == "pusher:connection_established":
            app.send(json.dumps({"event": "pusher:subscribe", "data": {"channel": self._channel}}))
        elif message.get("channel") == self._channel and "data" in message:
            self._callback(message["event"], json.loads(message["data"]))

    def stop(self) -> None:
        self.app.close()
        self.thread.join(5)
