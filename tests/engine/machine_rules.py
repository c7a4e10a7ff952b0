"""The rules of the machine: everything that can happen to a Pusher."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from pusher_mock.engine import ConnectionClosed, FrameReceived, PongReceived

from .machine_calls import Calls
from .machine_inputs import (
    BAD_CHANNELS,
    CHANNELS,
    GARBAGE,
    authorize,
    channel_people,
    frame,
    one_of_these,
    signed_people,
)
from .machine_ledger import Client, Own, Seat
from .model import Person

__all__ = ["EngineMachine"]

_somebody = st.integers(0, 7)
_somewhere = st.integers(0, 30)
_channels = st.sampled_from(CHANNELS)
_right = ("right",) * 9
_signing = st.sampled_from(
    (
        *_right,
        "later key",
        "secret",
        "text",
        "upper",
        "key",
        "retired key",
        "colon",
        "absent",
        "empty",
    )
)
_events = one_of_these(
    ("client-typing", "client-", "client-é", "client-" + "x" * 193, "client-" + "x" * 194)
)
_too_much: st.SearchStrategy[Any] = one_of_these(("x" * 10_241, ["x" * 10_240]))
_anything: st.SearchStrategy[Any] = one_of_these(
    ({"n": 1}, "text", '{"n":1}', "", None, 0, [], ["é"], True, 1.5, "x" * 10_240, ...)
)
# Without a brace it is no JSON object, whatever it is.
_noise = st.text(max_size=20).filter(lambda text: "{" not in text)
_garbage = st.one_of(
    *[one_of_these(GARBAGE)] * 4,
    _noise.map(lambda text: (text, Own())),
    st.binary(max_size=4).map(lambda data: (data, Own())),
)


class EngineMachine(Calls):
    """Random lives of a Pusher, each step held against the model."""

    def _anybody(self) -> bool:
        return bool(self.model.clients)

    def _anything_subscribed(self) -> bool:
        return bool(self._seats())

    def _seats(self) -> list[Seat]:
        return [seat for world in self.model.worlds.values() for seat in world.seats]

    def _seat(self, which: int) -> Seat:
        seats = self._seats()
        return seats[which % len(seats)]

    # Connections -------------------------------------------------------------------------------

    @rule(
        key=st.sampled_from(("key-a", "key-a", "key-a2", "key-b", "key-b", "nobody", "retired")),
        tls=st.sampled_from((True, True, False)),
        native=st.booleans(),
        mute=st.booleans(),
        bad=st.sampled_from(("",) * 12 + ("path", "missing", "protocol", "version")),
    )
    def connect(self, key: str, tls: bool, native: bool, mute: bool, bad: str) -> None:
        self._open(key, tls=tls, native=native, mute=mute, bad=bad)

    @precondition(_anybody)
    @rule(who=_somebody, everybody=st.sampled_from((False,) * 15 + (True,)))
    def hang_up(self, who: int, everybody: bool) -> None:
        client = self._pick(who)

        def gone() -> None:
            self.present.pop(client.id, None)
            self.ghosts.append(client.id)
            self._if_open(client, self.model.closed)

        if everybody:
            self._do(None, self.model.reset)
        else:
            self._do(ConnectionClosed(client.id), gone)

    @precondition(lambda self: self.ghosts)
    @rule(who=_somebody, what=st.sampled_from(("closed", "pong", "ping", "subscribe", "event")))
    def speak_from_beyond(self, who: int, what: str) -> None:
        gone = self.ghosts[who % len(self.ghosts)]
        match what:
            case "closed":
                self._do(ConnectionClosed(gone), lambda: None)
            case "pong":
                self._do(PongReceived(gone), lambda: None)
            case "ping":
                self._do(FrameReceived(gone, frame("pusher:ping", {})), lambda: None)
            case "subscribe":
                text = frame("pusher:subscribe", {"channel": "room"})
                self._do(FrameReceived(gone, text), lambda: None)
            case _:
                text = frame("client-a", {}, channel="private-a")
                self._do(FrameReceived(gone, text), lambda: None)

    # Subscriptions -----------------------------------------------------------------------------

    def _subscribe(
        self, client: Client, channel: str, how: str, text: str | None, person: Person | None
    ) -> None:
        signed = f"{client.socket}:{channel}" + (f":{text}" if text is not None else "")
        auth = authorize(how, client.world.app, signed, f"{client.socket}1:{channel}")
        content: dict[str, Any] = {"channel": channel}
        if auth.text is not None:
            content["auth"] = auth.text
        if text is not None:
            content["channel_data"] = text
        said = frame("pusher:subscribe", content)
        self._say(client, said, self.model.subscribe, channel, auth, person)

    @precondition(_anybody)
    @rule(who=_somebody, channel=_channels, how=_signing, them=channel_people())
    def subscribe(
        self, who: int, channel: str, how: str, them: tuple[str | None, Person | None]
    ) -> None:
        self._subscribe(self._pick(who), channel, how, *them)

    @precondition(_anybody)
    @rule(
        who=_somebody,
        channel=st.sampled_from(("presence-a", "presence-b", "presence-cache-a")),
        them=channel_people(),
    )
    def join(self, who: int, channel: str, them: tuple[str | None, Person | None]) -> None:
        self._subscribe(self._pick(who), channel, "right", *them)

    @precondition(_anybody)
    @rule(channel=_channels, after=st.booleans())
    def subscribe_all(self, channel: str, after: bool) -> None:
        """Everybody subscribes; every other one is the same user, with another user_info."""
        if after:
            self._trigger("1", channel)
        for number, client in enumerate(list(self.model.clients.values())):
            user, info = f"u{number % 2}", {"n": number}
            text = None
            if channel.startswith("presence-"):
                text = json.dumps({"user_id": user, "user_info": info})
            how = "later key" if number % 2 else "right"
            self._subscribe(client, channel, how, text, Person(user, info))

    @precondition(_anybody)
    @rule(who=_somebody, channel=st.one_of(_channels, one_of_these(BAD_CHANNELS)))
    def misuse(self, who: int, channel: str) -> None:
        """Unsubscribe from what is most likely not subscribed, or subscribe to what cannot be."""
        client = self._pick(who)
        if channel not in BAD_CHANNELS:
            said = frame("pusher:unsubscribe", {"channel": channel})
            return self._say(client, said, self.model.unsubscribe, channel)
        auth = authorize("right", client.world.app, f"{client.socket}:{channel}", "")
        said = frame("pusher:subscribe", {"channel": channel, "auth": auth.text})
        return self._say(client, said, self.model.subscribe, channel, auth, valid=False)

    @precondition(_anything_subscribed)
    @rule(which=_somewhere, again=st.booleans())
    def leave(self, which: int, again: bool) -> None:
        seat = self._seat(which)
        said = frame("pusher:unsubscribe", {"channel": seat.channel})
        self._say(seat.client, said, self.model.unsubscribe, seat.channel)
        if again and seat.client.id in self.model.clients:
            text = None if seat.user is None else f'{{"user_id":"{seat.user}"}}'
            self._subscribe(seat.client, seat.channel, "right", text, Person(seat.user or ""))

    # Other frames ------------------------------------------------------------------------------

    @precondition(_anybody)
    @rule(
        who=_somebody,
        event=_events,
        channel=st.one_of(_channels, st.none()),
        data=st.one_of(_anything, _too_much),
    )
    def client_event(self, who: int, event: str, channel: str | None, data: Any) -> None:
        self._client_event(self._pick(who), channel, event, data)

    def _client_event(self, client: Client, channel: str | None, event: str, data: Any) -> None:
        more = {} if channel is None else {"channel": channel}
        # What is not part of a client event is not relayed (facts 1.9).
        more |= {"user_id": "forged", "extra": "1"}
        content = more if data is ... else {"data": data, **more}
        said = json.dumps({"event": event, **content})
        self._say(client, said, self.model.client_event, event, channel, data)

    @precondition(_anything_subscribed)
    @rule(which=_somewhere, data=st.one_of(_anything, _too_much))
    def talk(self, which: int, data: Any) -> None:
        seat = self._seat(which)
        self._client_event(seat.client, seat.channel, "client-talk", data)

    @precondition(_anything_subscribed)
    @rule(which=_somewhere, times=st.integers(9, 11), gap=st.sampled_from((999, 1_000)))
    def chatter(self, which: int, times: int, gap: int) -> None:
        """Come close to the rate, and try once more when a second is nearly or just over."""
        seats = [one for one in self._seats() if one.channel.startswith("p")]
        if not seats:
            return
        seat = seats[which % len(seats)]
        for number in range(times):
            self._client_event(seat.client, seat.channel, "client-chat", number)
        if seat.client.spoke:
            self._pass_to(max(self.at, seat.client.spoke[-10:][0] + gap))
            self._client_event(seat.client, seat.channel, "client-chat", "more")

    @precondition(_anybody)
    @rule(who=_somebody, how=_signing, them=signed_people())
    def sign_in(self, who: int, how: str, them: tuple[str, Person]) -> None:
        self._sign_in(self._pick(who), how, *them)

    @precondition(_anybody)
    @rule(first=st.integers(0, 1))
    def sign_in_all(self, first: int) -> None:
        """Everybody signs in as one of two users and watches both."""
        for number, client in enumerate(list(self.model.clients.values())):
            user, watch = f"u{(first + number) % 2}", ("u0", "u1")
            text = json.dumps({"id": user, "watchlist": watch})
            self._sign_in(client, "right", text, Person(user, None, watch))

    def _sign_in(self, client: Client, how: str, text: str, person: Person) -> None:
        signed = f"{client.socket}::user::{text}"
        auth = authorize(how, client.world.app, signed, f"{client.socket}:user:{text}")
        content: dict[str, Any] = {"user_data": text}
        if auth.text is not None:
            content["auth"] = auth.text
        said = frame("pusher:signin", content)
        self._say(client, said, self.model.sign_in, auth, person, text)

    @precondition(_anybody)
    @rule(who=_somebody, what=st.sampled_from(("pusher:ping", "pusher:pong", "pong")))
    def live(self, who: int, what: str) -> None:
        client = self._pick(who)
        if what == "pong":
            self._do(PongReceived(client.id), self._if_open, client, self.model.pong)
        elif what == "pusher:pong":
            self._say(client, frame(what, {}), self.model.pong)
        else:
            self._say(client, frame(what, ""), self.model.ping)

    @precondition(_anybody)
    @rule(who=_somebody, said=_garbage)
    def garbage(self, who: int, said: tuple[str | bytes, str | Own]) -> None:
        text, reply = said
        if isinstance(text, bytes):
            self._say(self._pick(who), text, self.model.binary)
        else:
            self._say(self._pick(who), text, self.model.garbage, reply)

    # Time --------------------------------------------------------------------------------------

    @rule(ms=st.sampled_from((1, 100, 250, 999, 1_000, 2_999, 3_000, 5_000, 20_000)))
    def wait(self, ms: int) -> None:
        self._pass_to(self.at + ms)

    @rule(ms=st.sampled_from((30_000, 60_000, 75_000, 90_000)))
    def wait_long(self, ms: int) -> None:
        self._pass_to(self.at + ms)

    @rule()
    def wait_for_timer(self) -> None:
        if self.engine.next_due is not None:
            self._pass_to(self.engine.next_due)

    @precondition(lambda self: any(world.cache for world in self.model.worlds.values()))
    @rule(before=st.booleans())
    def wait_for_cache(self, before: bool) -> None:
        """Go to the moment in which the next cached event expires, and look at it then."""
        ends = [
            (kept[2] + world.app.ttl, which, channel)
            for which, world in self.model.worlds.items()
            for channel, kept in world.cache.items()
            if kept[2] + world.app.ttl > self.at
        ]
        if not ends:
            return
        end, app, channel = min(ends)
        self._pass_to(max(self.at, end - 1) if before else end)
        self._look(app, channel, frozenset(("cache",)))
