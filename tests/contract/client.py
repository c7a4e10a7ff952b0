"""What the tests of the contract say, in the protocol's own words."""

from __future__ import annotations

import hashlib
import hmac
import json
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .services import Closed

if TYPE_CHECKING:
    from .services import Peer, Service

__all__ = ["Client", "named"]

_RUN = uuid4().hex[:8]
_numbers = count()


def named(prefix: str = "") -> str:
    """A channel's name that no run of these tests has used, for Pusher remembers them."""
    return f"{prefix}contract-{_RUN}-{next(_numbers)}"


class Client:
    """A connection that is established.

    Attributes:
        socket_id: its id.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self.peer: Peer = service.connect()
        self.established = self.event("pusher:connection_established")
        self.socket_id: str = json.loads(self.established["data"])["socket_id"]

    def say(self, event: str, data: Any, channel: str | None = None) -> None:
        """Send a frame."""
        frame = {"event": event, "data": data}
        if channel is not None:
            frame["channel"] = channel
        self.peer.send(json.dumps(frame))

    def frame(self) -> dict[str, Any]:
        """The next frame."""
        found = self.peer.receive()
        assert not isinstance(found, Closed), f"closed: {found}"
        return found

    def event(self, event: str, channel: str | None = None) -> dict[str, Any]:
        """The next frame, which has to be this event."""
        found = self.frame()
        assert (found["event"], found.get("channel")) == (event, channel), found
        return found

    def error(self) -> dict[str, Any]:
        """The data of the next frame, which has to be an error, whose data is an object."""
        data = self.event("pusher:error")["data"]
        assert isinstance(data, dict)
        return data

    def nothing_more(self) -> None:
        """Nothing has been sent that was not read: a pong is what comes next."""
        self.say("pusher:ping", {})
        self.event("pusher:pong")

    def subscribe(self, channel: str, channel_data: str | None = None, **extra: Any) -> Any:
        """Subscribe, authorized where it takes that; returns what the answer holds."""
        self.say("pusher:subscribe", {**self.authorization(channel, channel_data), **extra})
        answer = self.event("pusher_internal:subscription_succeeded", channel)
        assert isinstance(answer["data"], str)
        return json.loads(answer["data"])

    def authorization(self, channel: str, channel_data: str | None = None) -> dict[str, str]:
        """The data of a subscription, as an application signs it."""
        data = {"channel": channel}
        if channel.startswith(("private-", "presence-")):
            text = f"{self.socket_id}:{channel}"
            if channel_data is not None:
                text += f":{channel_data}"
                data["channel_data"] = channel_data
            data["auth"] = self.signed(text)
        return data

    def sign_in(self, user: dict[str, Any]) -> dict[str, Any]:
        """Sign in; returns the user data of the answer."""
        user_data = json.dumps(user)
        auth = self.signed(f"{self.socket_id}::user::{user_data}")
        self.say("pusher:signin", {"auth": auth, "user_data": user_data})
        answer = json.loads(self.event("pusher:signin_success")["data"])
        assert answer["user_data"] == user_data
        found: dict[str, Any] = json.loads(answer["user_data"])
        return found

    def signed(self, text: str) -> str:
        """``KEY:SIGNATURE`` over a text."""
        _, key, secret = self.service.credentials
        return f"{key}:{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"

    def publish(self, channel: str, event: str, data: str, **more: Any) -> None:
        """Publish over the HTTP API, and be told that it went well."""
        body = {"name": event, "channels": [channel], "data": data, **more}
        assert self.service.call("POST", "/events", body) == (200, "{}")
