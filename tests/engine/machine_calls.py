"""The rules of the machine that call the HTTP API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .machine_driver import WALL, Driver
from .machine_inputs import (
    BAD_BODIES,
    BAD_REQUESTS,
    CHANNELS,
    Caller,
    one_of_these,
    payloads,
    request,
)
from .machine_ledger import Own
from .machine_publishing import is_cache

__all__ = ["Calls"]

_somebody = st.integers(0, 7)
_channels = st.sampled_from(CHANNELS)
_asked = st.sampled_from([one for one in CHANNELS if one[0] != "#"])
_ALL_ATTRIBUTES = ("user_count", "subscription_count", "cache")
_attributes = st.sampled_from(
    (
        None,
        frozenset(("user_count",)),
        frozenset(("subscription_count",)),
        frozenset(("user_count", "subscription_count")),
    )
)


class Calls(Driver):
    """Everything a publisher may ask."""

    def _caller(self, app: str, fault: str = "", *, encoded: bool = True) -> Caller:
        key, secret = list(self.model.worlds[app].app.keys.items())[-1]
        return Caller(app, key, secret, int(WALL + self.at / 1_000), fault, encoded)

    def _ask(self, app: str, happened: Any, predict: Any, *args: Any) -> None:
        if self.model.worlds[app].app.enabled:
            self._do(happened, predict, *args)
        else:
            self._do(happened, self.model.refuse, 403, Own())

    _apps = st.sampled_from(("1", "1", "1", "2"))
    # Who is left out: nobody, nobody that is known, or somebody, perhaps of the channel.
    _outsider = st.sampled_from((None, "123123", "any", "there", "there"))

    def _excluded(self, app: str, channel: str, whom: str | None, who: int) -> str | None:
        if whom not in ("any", "there"):
            return whom
        there = self.model.worlds[app].on(channel) if whom == "there" else []
        there = there or list(self.model.clients.values())
        return there[who % len(there)].socket if there else None

    @rule(
        app=_apps,
        channels=st.lists(_channels, min_size=1, max_size=4),
        data=payloads,
        whom=_outsider,
        who=_somebody,
        info=_attributes,
        how=st.sampled_from(("body", "body", "body", "query", "old")),
    )
    def publish(
        self,
        app: str,
        channels: list[str],
        data: str,
        whom: str | None,
        who: int,
        info: frozenset[str] | None,
        how: str,
    ) -> None:
        socket = self._excluded(app, channels[0], whom, who)
        name = "App\\Events\\X"
        told = {"name": name}
        if socket is not None:
            told["socket_id"] = socket
        if how == "old":  # facts 2.2: deprecated, one channel, answered with 202
            path = f"/channels/{channels[0]}/events"
            happened = request(self._caller(app), "POST", path, data, tuple(told.items()))
            return self._ask(
                app, happened, self.model.publish_old, app, name, data, channels[0], socket
            )
        told["data"] = data
        if info is not None:
            told["info"] = ",".join(sorted(info))
        if how == "query":  # facts 2.1.2
            params = (*told.items(), *(("channels[]", one) for one in channels))
            happened = request(self._caller(app), "POST", "/events", None, params)
        elif len(channels) == 1:
            happened = request(
                self._caller(app), "POST", "/events", told | {"channel": channels[0]}
            )
        else:
            body = {**told, "channels": channels}
            happened = request(self._caller(app), "POST", "/events", body)
        return self._ask(app, happened, self.model.publish, app, name, data, channels, socket, info)

    def _trigger(self, app: str, channel: str) -> None:
        content = {"name": "e", "data": "before", "channel": channel}
        happened = request(self._caller(app), "POST", "/events", content)
        self._ask(app, happened, self.model.publish, app, "e", "before", [channel], None, None)

    @rule(
        app=_apps,
        events=st.lists(
            st.tuples(st.sampled_from(("e", "f")), payloads, _channels, _outsider, _attributes),
            min_size=1,
            max_size=3,
        ),
        who=_somebody,
    )
    def publish_batch(self, app: str, events: list[Any], who: int) -> None:
        batch, predicted = [], []
        for name, data, channel, whom, info in events:
            socket = self._excluded(app, channel, whom, who)
            one = {"name": name, "data": data, "channel": channel}
            if socket is not None:
                one["socket_id"] = socket
            if info is not None:
                one["info"] = ",".join(sorted(info))
            batch.append(one)
            predicted.append((name, data, channel, socket, info))
        happened = request(self._caller(app), "POST", "/batch_events", {"batch": batch})
        self._ask(app, happened, self.model.publish_batch, app, predicted)

    @rule(
        app=_apps,
        prefix=st.sampled_from(("presence-", None, "", "presence-c", "p", "private-", "#")),
        count=st.booleans(),
    )
    def list_channels(self, app: str, prefix: str | None, count: bool) -> None:
        params = [("info", "user_count")] if count else []
        if prefix is not None:
            params.append(("filter_by_prefix", prefix))
        happened = request(self._caller(app), "GET", "/channels", None, tuple(params))
        self._ask(app, happened, self.model.list_channels, app, prefix, count)

    @rule(
        app=_apps,
        channel=_asked,
        info=st.frozensets(st.sampled_from(_ALL_ATTRIBUTES), max_size=2),
        encoded=st.booleans(),
    )
    def show_channel(self, app: str, channel: str, info: frozenset[str], encoded: bool) -> None:
        params = (("info", ",".join(sorted(info))),) if info else ()
        caller = self._caller(app, encoded=encoded)
        happened = request(caller, "GET", f"/channels/{channel}", None, params)
        self._ask(app, happened, self.model.show_channel, app, channel, info)

    @rule(app=_apps, channel=_asked)
    def show_stats(self, app: str, channel: str) -> None:
        happened = request(self._caller(app), "GET", f"/channels/{channel}/stats")
        counted = {"user_count"} if channel.startswith("presence-") else set[str]()
        self._ask(app, happened, self.model.show_channel, app, channel, frozenset(counted))

    @rule(app=_apps)
    def look_at_everything(self, app: str) -> None:
        """Ask for all that there is to know about every channel that somebody is on."""
        world = self.model.worlds[app]
        for channel in [*world.channels(), "presence-a", "room"]:
            if channel[0] == "#":
                continue
            happened = request(self._caller(app), "GET", f"/channels/{channel}/users")
            self._ask(app, happened, self.model.list_users, app, channel)
            wanted = ["user_count"] if channel.startswith("presence-") else []
            wanted += ["subscription_count"] if not wanted and world.app.counts else []
            wanted += ["cache"] if is_cache(channel) else []
            self._look(app, channel, frozenset(wanted))

    def _look(self, app: str, channel: str, info: frozenset[str]) -> None:
        """Ask about a channel at this very moment."""
        params = (("info", ",".join(sorted(info))),) if info else ()
        happened = request(self._caller(app), "GET", f"/channels/{channel}", None, params)
        if self.model.worlds[app].app.enabled:
            self._both(happened, lambda: self.model.show_channel(app, channel, info))

    @rule(app=_apps, user=st.sampled_from(("u0", "u1", "u2", "7")))
    def terminate(self, app: str, user: str) -> None:
        happened = request(self._caller(app), "POST", f"/users/{user}/terminate_connections", {})
        self._ask(app, happened, self.model.terminate, app, user)

    @rule(
        wrong=st.one_of(
            one_of_these(BAD_BODIES),
            st.sampled_from((*sorted(BAD_REQUESTS), "extra", "foreign", "method")),
        )
    )
    def call_wrongly(self, wrong: str | tuple[str, dict[str, Any] | str, int, str | Own]) -> None:
        if not isinstance(wrong, str):
            path, body, *refusal = wrong
            happened = request(self._caller("1"), "POST", path, body)
            return self._do(happened, self.model.refuse, *refusal)
        if wrong == "extra":
            more = (("info", "user_count"),)
            happened = request(self._caller("1"), "GET", "/channels/presence-a/users", None, more)
            text = "The following query string parameters are extraneous: info"
            return self._do(happened, self.model.refuse, 400, text)
        if wrong == "foreign":
            caller = replace(self._caller("1"), app="2")
            happened = request(caller, "GET", "/channels")
            text = "Token validated, but invalid for app 2"
            return self._do(happened, self.model.refuse, 400, text)
        if wrong == "method":
            happened = request(self._caller("1"), "GET", "/events")
            return self._do(happened, self.model.refuse, 405, Own())
        content = {"name": "e", "data": "d", "channels": ["room"]}
        happened = request(self._caller("1", wrong), "POST", "/events", content)
        expected = BAD_REQUESTS[wrong]
        if expected is None:
            return self._do(happened, self.model.publish, "1", "e", "d", ["room"], None, None)
        return self._do(happened, self.model.refuse, *expected)
