"""A second, much simpler Pusher, to hold the engine against (facts 1.2-1.13, 2, 3).

Its methods say what happened; the machine that calls them knows whether a signature was made
right, so the model checks none. What must come of it is left in ``sent``, ``posted``,
``published`` and ``answer``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .machine_ledger import UNAUTHORIZED, Client, Own, Seat, Switches, World
from .machine_publishing import Publishing, is_cache

__all__ = ["Auth", "Model", "Person"]

_NOWHERE = World(Switches("", {}))
TOO_FAST = "The rate limit for sending client events exceeded the quota."  # facts 1.9.7


@dataclass(frozen=True)
class Auth:
    """An authorization: the text, what was signed, and what is wrong with it.

    ``wrong`` is empty, ``format``, ``key`` or ``signature``.
    """

    text: str | None
    wrong: str = ""
    signed: str = ""

    @property
    def refusal(self) -> str | None:
        key, _, given = (self.text or "").partition(":")
        match self.wrong:
            case "format":  # facts 1.4.10
                return "Invalid format: auth must have the format key:signature"
            case "key":  # facts 1.4.8
                return f"Invalid key in subscription auth data: '{key}'"
            case "signature":  # facts 1.4.9
                expected = f"Expected HMAC SHA256 hex digest of {self.signed}"
                return f"Invalid signature: {expected}, but got {given}"
        return None


@dataclass(frozen=True)
class Person:
    """A user as channel_data or user_data tells it; ``wrong`` words are the refusal's."""

    id: str
    info: Any = None
    watch: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


class Model(Publishing):
    """The rules of connections; those of the HTTP API it has from ``Publishing``."""

    # Connections -------------------------------------------------------------------------------

    def open(self, me: str, socket: str, key: str, *, tls: bool, bad: str = "") -> None:
        world = next((one for one in self.worlds.values() if key in one.app.keys), None)
        client = Client(me, socket, world or _NOWHERE, self.due_in(UNAUTHORIZED), self.now)
        refusals: dict[str, tuple[int, str | Own]] = {
            "path": (4005, "Path not found"),
            "missing": (4008, Own("protocol")),
            "protocol": (4007, Own("unsupported protocol")),
            "version": (4006, Own("version")),
        }
        if bad:
            return self.close(client, *refusals[bad])
        if world is None:
            where = "not in this cluster. Did you forget to specify the cluster?"
            return self.close(client, 4001, f"App key {key} {where}")
        if not world.app.enabled:
            return self.close(client, 4003, Own("disabled"))
        if world.app.tls and not tls:
            return self.close(client, 4000, Own("only"))
        there = [one for one in self.clients.values() if one.world is world]
        if world.app.room is not None and len(there) >= world.app.room:
            return self.close(client, 4004, "Account over quota")
        self.clients[me] = client
        welcome = {"socket_id": socket, "activity_timeout": 120}
        self.send(client, "pusher:connection_established", welcome)

    def hear(self, me: str) -> Client:
        """Anything that comes from a client shows that it lives (facts 1.12.2)."""
        client = self.clients[me]
        client.heard = self.now
        client.pinged = False
        return client

    def pong(self, me: str) -> None:
        self.hear(me)

    def ping(self, me: str) -> None:
        self.send(self.hear(me), "pusher:pong", {})

    def garbage(self, me: str, message: str | Own) -> None:
        self.complain(self.hear(me), message)

    def binary(self, me: str) -> None:
        self.close(self.hear(me), 1003, Own("binary"))

    def closed(self, me: str) -> None:
        self.gone(self.clients[me])

    def gone(self, client: Client) -> None:
        if self.clients.pop(client.id, None) is None:
            return
        for seat in [one for one in client.world.seats if one.client is client]:
            self._stand_up(client.world, seat)
        self._offline(client)

    # Subscriptions (facts 1.4-1.8) -------------------------------------------------------------

    def subscribe(
        self, me: str, channel: str, auth: Auth, person: Person | None = None, *, valid: bool = True
    ) -> None:
        client = self.hear(me)
        world = client.world
        refusal = self._why_not(client, channel, auth, person, valid)
        if refusal is not None:
            return self.complain(client, refusal)
        first = not world.on(channel)
        seat = Seat(client, channel)
        client.authorized |= channel.startswith(("private-", "presence-"))
        newcomer = None
        if channel.startswith("presence-"):
            person = person or Person(client.user or "", client.info)
            seat.user = person.id
            if person.id not in world.users(channel):
                newcomer = person.id
                for other in world.on(channel):
                    added = {"user_id": person.id, "user_info": person.info}
                    self.send(other, "pusher_internal:member_added", added, channel)
            world.infos[channel, person.id] = person.info
        world.seats.append(seat)
        self.send(client, "pusher_internal:subscription_succeeded", self._roster(seat), channel)
        if first:
            self.arrive(world, channel)
        if newcomer is not None:
            self.arrive(world, channel, newcomer)
        if is_cache(channel):
            self._replay(client, channel)
        self.count(world, channel)

    def _why_not(
        self, client: Client, channel: str, auth: Auth, person: Person | None, valid: bool
    ) -> str | Own | None:
        if not valid:
            return Own("channel")
        if client.world.seat(client, channel) is not None:
            return f"Existing subscription to channel {channel}"
        if channel.startswith("#"):
            mine = client.user is not None and channel == f"#server-to-user-{client.user}"
            return None if mine else Own("signed in")
        if not channel.startswith(("private-", "presence-")):
            return None
        if auth.refusal is not None or channel.startswith("private-"):
            return auth.refusal
        if person is None and client.user is None:
            return f"{channel} is a presence channel and subscription must include channel_data"
        if person is not None and person.wrong:
            return Own(*person.wrong)
        users = client.world.users(channel)
        joining = person.id if person is not None else client.user
        if joining not in users and len(users) >= self.numbers.members:
            return Own("full")
        return None

    def _roster(self, seat: Seat) -> dict[str, Any]:
        world, channel = seat.client.world, seat.channel
        if seat.user is None:
            return {}
        users = world.users(channel)
        infos = {user: world.infos[channel, user] for user in users}
        return {"presence": {"count": len(users), "ids": sorted(users), "hash": infos}}

    def _replay(self, client: Client, channel: str) -> None:
        world = client.world
        kept = self.cached(world, channel)
        if kept is not None:
            return self.send(client, kept[0], kept[1], channel)
        self.send(client, "pusher:cache_miss", {}, channel)
        if channel not in world.missed:
            world.missed.add(channel)
            self.hook(world, channel, "cache_miss")

    def unsubscribe(self, me: str, channel: str) -> None:
        client = self.hear(me)
        seat = client.world.seat(client, channel)
        if seat is None:
            doubt = "or subscription in progress"
            return self.complain(client, f"No current subscription to channel {channel}, {doubt}")
        self._stand_up(client.world, seat)

    def _stand_up(self, world: World, seat: Seat) -> None:
        channel, user = seat.channel, seat.user
        world.seats.remove(seat)
        if user is not None and user not in world.users(channel):
            del world.infos[channel, user]
            for other in world.on(channel):
                self.send(other, "pusher_internal:member_removed", {"user_id": user}, channel)
            self.leave(world, channel, user)
        self.count(world, channel)
        if not world.on(channel):
            self.leave(world, channel)

    # Users (facts 1.13) ------------------------------------------------------------------------

    def sign_in(self, me: str, auth: Auth, person: Person, text: str) -> None:
        client = self.hear(me)
        if auth.refusal is not None:
            return self.complain(client, auth.refusal)
        if person.wrong:
            return self.complain(client, Own(*person.wrong))
        if client.user not in (None, person.id):
            return self.complain(client, Own("signed in"))
        first = not self.connections_of(client.world, person.id)
        if client.user is None:
            self.serial += 1
            client.signed_in = self.serial
        client.user, client.info, client.authorized = person.id, person.info, True
        self.send(client, "pusher:signin_success", {"user_data": text})
        watched = person.watch[: self.numbers.watchlist]
        # Whether 4302 is sent while the switch is off is not established: not here.
        if len(person.watch) > self.numbers.watchlist and client.world.app.watchlist:
            self.complain(client, Own(*watched), 4302)
        client.watch = tuple(one for one in dict.fromkeys(watched) if one != person.id)
        self._tell_all(client)
        if first:
            self._tell_watchers(client.world, person.id, "online")

    def _tell_all(self, client: Client) -> None:
        if not client.world.app.watchlist:
            return
        here = [one for one in client.watch if self.connections_of(client.world, one)]
        away = [one for one in client.watch if one not in here]
        groups = [("online", here), ("offline", away)]
        events = [{"name": name, "user_ids": ids} for name, ids in groups if ids]
        if events:
            self.send(client, "pusher_internal:watchlist_events", {"events": events})

    def _tell_watchers(self, world: World, user: str, name: str) -> None:
        if not world.app.watchlist:
            return
        for client in self.clients.values():
            if client.world is world and user in client.watch:
                events = {"events": [{"name": name, "user_ids": [user]}]}
                self.send(client, "pusher_internal:watchlist_events", events)

    def _offline(self, client: Client) -> None:
        if client.user is not None and not self.connections_of(client.world, client.user):
            self._tell_watchers(client.world, client.user, "offline")

    # Events (facts 1.7, 1.9) -------------------------------------------------------------------

    def client_event(self, me: str, event: str, channel: str | None, data: Any) -> None:
        client = self.hear(me)
        refusal = self._unheard(client, event, channel, data)
        if refusal is not None or channel is None:
            return self.complain(client, refusal or "", 4301 if refusal == TOO_FAST else None)
        client.spoke.append(self.now)
        seat = client.world.seat(client, channel)
        user = seat.user if seat is not None else None
        raw = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        self.deliver(client.world, channel, event, raw, client.socket, user, client=True)
        fields = {"event": event, "data": raw, "socket_id": client.socket}
        if user is not None:
            fields["user_id"] = user
        self.hook(client.world, channel, "client_event", **fields)

    def _unheard(
        self, client: Client, event: str, channel: str | None, data: Any
    ) -> str | Own | None:
        if not client.world.app.client_events:
            feature = "you must enable this feature in the Settings page of your dashboard."
            return f"To send client events, {feature}"
        if channel is None or data is ...:
            return "Invalid client event (must contain channel and data)"
        if client.world.seat(client, channel) is None:
            which = f"(connection not subscribed to channel {channel})"
            return f"Cannot broadcast client event {which}"
        if not channel.startswith(("private-", "presence-")):
            return "Client event rejected - only supported on private and presence channels"
        if len(event) > 200:
            return Own("name")
        raw = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        if len(raw) > 10_240:
            return Own("data")
        if len([at for at in client.spoke if self.now - at < 1_000]) >= 10:
            return TOO_FAST
        return None
