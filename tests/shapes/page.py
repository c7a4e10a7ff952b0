"""A page in a browser, as far as Pusher can tell: pusher-js's side of the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pusher_mock import PusherMock

__all__ = ["Heard", "Page"]

_TARGET = "/app/{key}?protocol=7&client=js&version=8.4.0&flash=false"


class Heard(NamedTuple):
    """An event of a channel.

    Attributes:
        event: its name.
        data: decoded.
    """

    event: str
    data: Any


class Page:
    """A connection that subscribes with whatever the application's endpoint has answered.

    Args:
        mock: what it connects to.
        key: as it is in the page.

    Attributes:
        socket_id: the connection's.
    """

    def __init__(self, mock: PusherMock, key: str) -> None:
        self._frames: list[dict[str, Any]] = []
        self._core = mock.core
        self._box = mock.core.open(_TARGET.format(key=key), self._take)
        established = self._frames[0]
        assert established["event"] == "pusher:connection_established", established
        self.socket_id: str = json.loads(established["data"])["socket_id"]

    def _take(self, item: object) -> None:
        if isinstance(item, Frame):
            self._frames.append(json.loads(item.text))

    def say(self, event: str, data: Any, channel: str | None = None) -> None:
        """Send a frame."""
        frame = {"event": event, "data": data}
        if channel is not None:
            frame["channel"] = channel
        self._core.send(self._box, json.dumps(frame))

    def subscribe(self, channel: str, answer: Mapping[str, str] | None = None) -> Any:
        """Subscribe; returns what the service answers.

        Args:
            channel: its name.
            answer: what the application's endpoint has answered, for a channel that needs it.

        Raises:
            AssertionError: the service refuses it.
        """
        given = answer or {}
        taken = {name: given[name] for name in ("auth", "channel_data") if name in given}
        self.say("pusher:subscribe", {"channel": channel, **taken})
        said = self._frames[-1]
        assert said["event"] == "pusher_internal:subscription_succeeded", said
        assert said["channel"] == channel, said
        return json.loads(said["data"])

    def heard(self, channel: str) -> list[Heard]:
        """The application's events on a channel, oldest first."""
        return [
            Heard(one["event"], json.loads(one["data"]))
            for one in self._frames
            if one.get("channel") == channel and not one["event"].startswith("pusher")
        ]

    def close(self) -> None:
        """Leave."""
        self._core.hang_up(self._box, lambda: None)
