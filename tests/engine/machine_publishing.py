"""The model's part about publishers: events, cache, history, and the HTTP API (facts 1.7, 2)."""

from __future__ import annotations

from typing import Any

from .machine_ledger import Ledger, Near, Own, World

__all__ = ["Publishing", "is_cache"]


def is_cache(channel: str) -> bool:
    prefixes = ("cache-", "private-cache-", "presence-cache-", "private-encrypted-cache-")
    return channel.startswith(prefixes)


class Publishing(Ledger):
    """What publishers do and are told."""

    def cached(self, world: World, channel: str) -> tuple[str, str, float] | None:
        kept = world.cache.get(channel)
        return kept if kept is not None and self.now < kept[2] + world.app.ttl else None

    def deliver(
        self,
        world: World,
        channel: str,
        event: str,
        raw: str,
        socket: str | None,
        user: str | None = None,
        *,
        client: bool = False,
    ) -> None:
        what = (channel, event, raw, socket, user, client)
        self.published.append((world.app.id, *what, self.now))
        if self.history_size:
            kept = [*world.history.get(channel, []), (*what, self.now)]
            world.history[channel] = kept[-self.history_size :]
        if is_cache(channel) and not client:
            world.cache[channel] = (event, raw, self.now)
            world.missed.discard(channel)
        for one in world.on(channel):
            if one.socket != socket:
                self.send(one, event, raw, channel, user)

    # The HTTP API (facts 2) --------------------------------------------------------------------

    def refuse(self, status: int, text: str | Own) -> None:
        self.answer = (status, text)

    def publish(
        self,
        app: str,
        event: str,
        data: str,
        channels: list[str],
        socket: str | None,
        info: frozenset[str] | None,
    ) -> None:
        world = self.worlds[app]
        each = list(dict.fromkeys(channels))
        for channel in each:
            self.deliver(world, channel, event, data, socket)
        if info is None:
            self.answer = (200, {})
        else:
            told = {channel: self._attributes(world, channel, info) for channel in each}
            self.answer = (200, {"channels": told})

    def publish_old(
        self, app: str, event: str, data: str, channel: str, socket: str | None
    ) -> None:
        self.deliver(self.worlds[app], channel, event, data, socket)
        self.answer = (202, {})

    def publish_batch(
        self, app: str, events: list[tuple[str, str, str, str | None, frozenset[str] | None]]
    ) -> None:
        world = self.worlds[app]
        told = []
        for event, data, channel, socket, _ in events:
            self.deliver(world, channel, event, data, socket)
        for _, _, channel, _, info in events:
            told.append(self._attributes(world, channel, info or frozenset()))
        asked = any(info is not None for *_, info in events)
        self.answer = (200, {"batch": told} if asked else {})

    def _attributes(self, world: World, channel: str, info: frozenset[str]) -> dict[str, int]:
        told = {}
        if "user_count" in info and channel.startswith("presence-"):
            told["user_count"] = len(world.users(channel))
        counted = world.app.counts and not channel.startswith(("presence-", "#"))
        if "subscription_count" in info and counted:
            told["subscription_count"] = len(world.on(channel))
        return told

    def list_channels(self, app: str, prefix: str | None, count: bool) -> None:
        world = self.worlds[app]
        info = frozenset(("user_count",)) if count else frozenset[str]()
        if count and not (prefix or "").startswith("presence-"):
            remedy = "please supply filter_by_prefix beginning with presence-"
            text = f"user_count may only be requested for presence channels - {remedy}"
            return self.refuse(400, text)
        there = [one for one in world.channels() if one[0] != "#" and one.startswith(prefix or "")]
        told = {channel: self._attributes(world, channel, info) for channel in there}
        self.answer = (200, {"channels": told})

    def show_channel(self, app: str, channel: str, info: frozenset[str]) -> None:
        world = self.worlds[app]
        presence = channel.startswith("presence-")
        wrong: list[str | Own] = []
        if "user_count" in info and not presence:
            wrong.append("Cannot retrieve the user count unless the channel is a presence channel")
        if "subscription_count" in info and (presence or not world.app.counts):
            wrong.append(Own("subscription_count"))
        if "cache" in info and not is_cache(channel):
            wrong.append(Own("cache"))
        if wrong:  # of several the first is not established
            return self.refuse(400, wrong[0] if len(wrong) == 1 else Own())
        told: dict[str, Any] = {"occupied": bool(world.on(channel))}
        told |= self._attributes(world, channel, info)
        if "cache" in info:
            kept = self.cached(world, channel)
            told["cache"] = None
            if kept is not None:
                rest = (kept[2] + world.app.ttl - self.now) / 1_000
                told["cache"] = {"data": kept[1], "ttl": Near(rest)}
        self.answer = (200, told)

    def list_users(self, app: str, channel: str) -> None:
        if not channel.startswith("presence-"):
            return self.refuse(400, Own("presence"))
        users = self.worlds[app].users(channel)
        self.answer = (200, {"users": [{"id": user} for user in sorted(users)]})

    def terminate(self, app: str, user: str) -> None:
        for client in self.connections_of(self.worlds[app], user):
            self.close(client, 4009, Own("terminated"))
        self.answer = (200, {})
