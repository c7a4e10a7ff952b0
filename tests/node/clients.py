"""pusher-js clients as tests use them, wherever they run; recorder.mjs is the other end."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from tests.wire.origin import MASTER_KEY

from pusher_mock.protocol.defaults import CLUSTER, KEY, NUMERIC_APP_ID, SECRET

if TYPE_CHECKING:
    from pusher_mock.server import ThreadedServer

__all__ = ["Client", "Door", "connect", "options_for", "sdk_options", "user"]

_numbers = count(1)


class Door(Protocol):
    """Where clients run."""

    def call(self, command: str, *args: Any) -> Any:
        """Have the recorder there do something."""
        ...


def user(name: str) -> dict[str, Any]:
    """Return the data of a user."""
    return {"id": name, "user_info": {"name": name.title()}}


def options_for(server: ThreadedServer, port: int | None = None, **more: Any) -> dict[str, Any]:
    """Return what pusher-js needs to find a server.

    Args:
        server: the server.
        port: of what stands between, if anything does.
        **more: further options.
    """
    port = port or server.port
    return {
        "cluster": CLUSTER,
        "forceTLS": False,
        "wsHost": server.host,
        "wsPort": port,
        "httpHost": server.host,
        "httpPort": port,
        "enabledTransports": ["ws"],
        **more,
    }


def sdk_options(server: ThreadedServer, **more: Any) -> dict[str, Any]:
    """Return what the npm SDK needs to find a server."""
    place = {"host": server.host, "port": str(server.port), "useTLS": False}
    credentials = {"appId": NUMERIC_APP_ID, "key": KEY, "secret": SECRET}
    return {**place, **credentials, "encryptionMasterKeyBase64": MASTER_KEY, **more}


def connect(
    door: Door,
    server: ThreadedServer,
    user: dict[str, Any] | None = None,
    *,
    key: str = KEY,
    secret: str | None = SECRET,
    port: int | None = None,
    member: bool = True,
    refuse: str | None = None,
    wait: bool = True,
    **options: Any,
) -> Client:
    """Start a client.

    Args:
        door: where.
        server: to which server.
        user: as whom it signs in and joins presence channels.
        key: of which app.
        secret: with which it is authorized; ``None`` when an endpoint of the options is to.
        port: of what stands between client and server.
        member: whether the authorization for a presence channel says who it is.
        refuse: why it is not authorized.
        wait: until it is connected.
        **options: further ones of pusher-js.
    """
    name = f"client {next(_numbers)}"
    signing = {
        "key": key,
        "secret": secret,
        "masterKey": MASTER_KEY,
        "user": user,
        "member": {"user_id": user["id"], "user_info": user["user_info"]}
        if user and member
        else None,
        "refuse": refuse,
    }
    found = options_for(server, port, **options)
    door.call("create", name, key, found, signing if secret else None)
    client = Client(door, name)
    if wait:
        client.connected()
    return client


class Client:
    """One client. What it was told is kept by place: the name of a channel, or ``connection``,
    ``message`` (each frame), ``global``, ``user``, ``watchlist``.

    Args:
        door: where it runs.
        name: what it is called there.
    """

    def __init__(self, door: Door, name: str) -> None:
        self._door = door
        self.name = name

    def do(self, method: str, *args: Any) -> Any:
        """Call a method of the recorder's."""
        return self._door.call("do", self.name, method, *args)

    def connected(self) -> str:
        """Wait until it is connected, once more after another time; return its socket id."""
        socket_id: str = self.take("connection", "connected")["socket_id"]
        return socket_id

    def take(self, where: str, event: str) -> Any:
        """Return the data of the next such event, which may have yet to come."""
        return self.do("take", where, event)

    def heard(self, where: str, event: str | None = None) -> list[Any]:
        """Return what was heard so far: names and data, or the data of one name."""
        heard: list[Any] = self.do("heard", where)
        return heard if event is None else [data for name, data in heard if name == event]

    def events(self, where: str) -> list[list[Any]]:
        """Return what an application published, by name and data, in order."""
        return [one for one in self.heard(where) if not one[0].startswith("pusher:")]

    def errors(self) -> list[tuple[int | None, str]]:
        """Return the errors that the server sent once it was connected: code and text."""
        frames = self.heard("message", "pusher:error")
        return [(one["data"].get("code"), one["data"].get("message")) for one in frames]

    def fence(self) -> None:
        """Wait until all that the server had to say by now was heard."""
        self.do("fence")

    def subscribe(self, channel: str) -> None:
        """Ask for a channel."""
        self.do("subscribe", channel)

    def join(self, channel: str) -> Any:
        """Ask for a channel and wait for it; returns what comes with the success."""
        self.subscribe(channel)
        return self.take(channel, "pusher:subscription_succeeded")

    def trigger(self, channel: str, event: str, data: Any) -> bool:
        """Send a client event; returns what pusher-js says of it."""
        sent: bool = self.do("trigger", channel, event, data)
        return sent

    def sign_in(self) -> None:
        """Sign in and wait until messages to the user would come."""
        self.do("signin")
        self.take("message", "pusher:signin_success")
        self.take("message", "pusher_internal:subscription_succeeded")

    @property
    def socket_id(self) -> str:
        """Its connection."""
        found: str = self.state["socket_id"]
        return found

    @property
    def state(self) -> dict[str, Any]:
        """What it says of itself."""
        state: dict[str, Any] = self.do("state")
        return state

    def members(self, channel: str) -> dict[str, Any]:
        """Return the count, the map and the own member of a presence channel."""
        members: dict[str, Any] = self.do("members", channel)
        return members

    def __repr__(self) -> str:
        return f"<{self.name}>"
