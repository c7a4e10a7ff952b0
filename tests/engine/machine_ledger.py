"""What the model writes down: who is there, what was sent, which webhooks wait. No engine code.

Everything is a list or a dict that is scanned anew each time; nothing is kept twice, so there is
nothing to keep in step. Numbers and texts are copied from ``docs/reference/pusher-facts.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "UNAUTHORIZED",
    "Client",
    "Ledger",
    "Near",
    "Numbers",
    "Own",
    "Seat",
    "Switches",
    "World",
]

IDLE = 60_000  # facts 1.12.3
SILENT = 75_000  # facts 1.12.3: 60 s, then 15 s for the pong
UNAUTHORIZED = 30_000  # facts 1.13.13
LEAVE = 3_000  # facts 3.2: delay of vacated and removed
BATCH = 250  # facts 3.1.4
COUNT = 5_000  # facts 1.8.2


# When something is due, and a number that grows: what was set first happens first.
Due = tuple[float, int]


class Own:
    """A text that the facts leave open: any that has these words in it will do."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and all(one in other.lower() for one in self.words)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<a text with {' and '.join(self.words) or 'anything'}>"


class Near:
    """A number of whole seconds; the facts do not say how it is rounded."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and abs(other - self.value) < 1

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<about {self.value}>"


@dataclass(frozen=True)
class Numbers:
    """Limits that a run may make small, so that few steps reach them (facts 2.5)."""

    members: int = 100
    watchlist: int = 100
    busy: int = 100  # facts 1.8.2
    channels: int = 100
    batch: int = 10
    hooks: int = 20  # facts 3.1.4


@dataclass(repr=False)
class Switches:
    """One app."""

    id: str
    keys: dict[str, str]  # the oldest first
    client_events: bool = False
    counts: bool = False
    watchlist: bool = False
    authorized: bool = False
    enabled: bool = True
    tls: bool = False
    room: int | None = None
    ttl: int = 1_800_000  # facts 1.7.4
    hooks: tuple[tuple[str, frozenset[str]], ...] = ()
    batching: bool = False

    def __repr__(self) -> str:
        # Short, because Hypothesis prints it with every example: what differs from the default.
        said = [
            f"{one.name}={getattr(self, one.name)!r}"
            for one in fields(self)[2:-2]
            if getattr(self, one.name) != one.default
        ]
        said += [f"hook={url}({len(names)} kinds)" for url, names in self.hooks]
        return f"<app {self.id} {' '.join(said)}{' batching' if self.batching else ''}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass
class Client:
    """An open connection."""

    id: str
    socket: str
    world: World
    late: Due
    heard: float
    pinged: bool = False
    authorized: bool = False
    user: str | None = None
    signed_in: int = 0
    info: Any = None
    watch: tuple[str, ...] = ()
    spoke: list[float] = field(default_factory=list)


@dataclass
class Seat:
    """One subscription; ``user`` on presence channels only."""

    client: Client
    channel: str
    user: str | None = None


@dataclass
class World:
    """What one app knows."""

    app: Switches
    seats: list[Seat] = field(default_factory=list)
    infos: dict[tuple[str, str], Any] = field(default_factory=dict)
    history: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    cache: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    leaving: dict[tuple[str, ...], Due] = field(default_factory=dict)
    batches: dict[str, tuple[Due, list[dict[str, Any]]]] = field(default_factory=dict)
    counted: dict[str, float] = field(default_factory=dict)
    count_due: dict[str, Due] = field(default_factory=dict)

    def on(self, channel: str) -> list[Client]:
        return [seat.client for seat in self.seats if seat.channel == channel]

    def seat(self, client: Client, channel: str) -> Seat | None:
        for seat in self.seats:
            if seat.client is client and seat.channel == channel:
                return seat
        return None

    def users(self, channel: str) -> list[str]:
        there = [seat.user for seat in self.seats if seat.channel == channel]
        return list(dict.fromkeys(user for user in there if user is not None))

    def channels(self) -> list[str]:
        return list(dict.fromkeys(seat.channel for seat in self.seats))


class Ledger:
    """The clients, the worlds, and what the current step is expected to show."""

    def __init__(self, apps: list[Switches], numbers: Numbers, history: int) -> None:
        self.numbers = numbers
        self.history_size = history
        self.worlds = {app.id: World(app) for app in apps}
        self.clients: dict[str, Client] = {}
        self.serial = 0
        self.begin(0.0)

    def begin(self, now: float) -> None:
        """Start a step at this time, in milliseconds, with nothing expected."""
        self.now = now
        self.sent: dict[str, list[tuple[Any, ...]]] = {}
        self.pinged: set[str] = set()
        self.posted: dict[str, list[list[dict[str, Any]]]] = {}
        self.published: list[tuple[Any, ...]] = []
        self.answer: tuple[int, Any] | None = None

    # What is expected --------------------------------------------------------------------------

    def send(
        self, to: Client, event: str, data: Any, channel: str | None = None, user: str | None = None
    ) -> None:
        self.sent.setdefault(to.id, []).append((event, channel, data, user))

    def complain(self, to: Client, message: str | Own, code: int | None = None) -> None:
        self.send(to, "pusher:error", {"code": code, "message": message})

    def close(self, client: Client, code: int, message: str | Own) -> None:
        """The event, then the close with the same code and text (facts 1.10)."""
        self.complain(client, message, code)
        self.sent[client.id].append(("close", code, message))
        self.gone(client)

    def gone(self, client: Client) -> None:
        raise NotImplementedError

    def connections_of(self, world: World, user: str) -> list[Client]:
        there = [one for one in self.clients.values() if one.world is world and one.user == user]
        return sorted(there, key=lambda one: one.signed_in)

    def hook(self, world: World, channel: str, name: str, **fields: Any) -> None:
        """A webhook event happened; nothing about a user's own channel is told (facts 8.16)."""
        if channel.startswith("#"):
            return
        event = {"name": name, "channel": channel, **fields}
        for url, names in world.app.hooks:
            if name not in names:
                continue
            if not world.app.batching:
                self.posted.setdefault(url, []).append([event])
                continue
            if url not in world.batches:
                world.batches[url] = (self.due_in(BATCH), [])
            waiting = world.batches[url][1]
            waiting.append(event)
            if len(waiting) == self.numbers.hooks:
                self.post(world, url)

    def post(self, world: World, url: str) -> None:
        _, waiting = world.batches.pop(url)
        self.posted.setdefault(url, []).append(waiting)

    def arrive(self, world: World, channel: str, user: str | None = None) -> None:
        """First on the channel, or first of the user: told unless the leaving still waits."""
        key = (channel,) if user is None else (channel, user)
        if world.leaving.pop(key, None) is not None:
            return
        if user is None:
            self.hook(world, channel, "channel_occupied")
        else:
            self.hook(world, channel, "member_added", user_id=user)

    def leave(self, world: World, channel: str, user: str | None = None) -> None:
        if not world.app.hooks or channel.startswith("#"):
            return  # nobody to tell, nothing to tell
        key = (channel,) if user is None else (channel, user)
        world.leaving[key] = self.due_in(LEAVE)

    def left(self, world: World, key: tuple[str, ...]) -> None:
        del world.leaving[key]
        if len(key) == 1:
            self.hook(world, key[0], "channel_vacated")
        else:
            self.hook(world, key[0], "member_removed", user_id=key[1])

    # Counts (facts 1.8.1, 1.8.2) ---------------------------------------------------------------

    def count(self, world: World, channel: str) -> None:
        """The number of connections changed."""
        if not world.app.counts or channel.startswith(("presence-", "#")):
            return
        again = world.counted.get(channel, -COUNT) + COUNT
        if len(world.on(channel)) > self.numbers.busy and self.now < again:
            if channel not in world.count_due:
                world.count_due[channel] = self.due_in(again - self.now)
        else:
            self.tell_count(world, channel)

    def tell_count(self, world: World, channel: str) -> None:
        world.count_due.pop(channel, None)
        world.counted[channel] = self.now
        there = world.on(channel)
        content = {"subscription_count": len(there)}
        for client in there:
            self.send(client, "pusher_internal:subscription_count", content, channel)
        self.hook(world, channel, "subscription_count", **content)

    # Time --------------------------------------------------------------------------------------

    def due_in(self, ms: float) -> Due:
        self.serial += 1
        return self.now + ms, self.serial

    def _due(self) -> list[tuple[Due, Callable[[], None]]]:
        found: list[tuple[Due, Callable[[], None]]] = []
        for client in self.clients.values():
            found.append(self._alive(client))
            if client.world.app.authorized and not client.authorized:
                found.append((client.late, partial(self._late, client)))
        for world in self.worlds.values():
            for key, due in world.leaving.items():
                found.append((due, partial(self.left, world, key)))
            for url, (due, _) in world.batches.items():
                found.append((due, partial(self.post, world, url)))
            for channel, due in world.count_due.items():
                found.append((due, partial(self.tell_count, world, channel)))
        return found

    def _alive(self, client: Client) -> tuple[Due, Callable[[], None]]:
        if client.pinged:
            text = "Pong reply not received"
            return (client.heard + SILENT, 0), partial(self.close, client, 4201, text)
        return (client.heard + IDLE, 0), partial(self._ping, client)

    def _ping(self, client: Client) -> None:
        client.pinged = True
        self.pinged.add(client.id)

    def _late(self, client: Client) -> None:
        self.close(client, 4009, "Connection not authorized within timeout")

    @property
    def next_due(self) -> float | None:
        """When something will happen by itself."""
        return min((due[0] for due, _ in self._due()), default=None)

    def fire(self) -> None:
        """Let happen what is due now, the earliest first."""
        while found := self._due():
            due, happen = min(found, key=lambda one: one[0])
            if due[0] > self.now:
                break
            happen()

    def reset(self) -> None:
        """Everybody is sent away and everything forgotten."""
        for one in self.clients:
            self.sent.setdefault(one, []).append(("close", 1_000, Own()))
        self.clients = {}
        self.worlds = {one: World(world.app) for one, world in self.worlds.items()}
