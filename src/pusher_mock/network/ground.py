"""What a network knows: its rules, its connections, and whether there is any weather."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pusher_mock.protocol.errors import UsageError

from .delivery import Traffic
from .lanes import Lane
from .meters import Meter
from .rules import CALM, Effective, Rule, effective
from .weather_log import WeatherLog
from .where import connections_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Clock, Timer
    from pusher_mock.engine import PublishedEvent

    from .failing import Failing
    from .faults import Fault
    from .port import Port

__all__ = ["Ground"]

_ID: Final = re.compile(r"mock-connection-[0-9]+|[0-9]+\.[0-9]+")
_MOST: Final = 1_000  # channels whose conditions for publishers are remembered


class Ground:
    """The state of a network, and looking things up in it.

    Args:
        clock: the mock's.
        port: its core, whose lock is held wherever something changes.
        chance: a number in [0, 1): the mock's one source.

    Attributes:
        base: the weather that the mock was made with.
        log: what it was told, in order, for the report of a failed test.
        calm: whether everything arrives at once, in order, once, so that nobody has to be asked.
        meter: counts.
        traffic: what is under way.
        vanished: connections that the service has closed and whose clients are not told.
    """

    def __init__(self, clock: Clock, port: Port, chance: Callable[[], float]) -> None:
        self.calm = True
        self.log = WeatherLog(clock.now)
        self.meter = Meter()
        self.traffic = Traffic(clock, port.arrive)
        self.traffic.chance = chance
        self.base = "perfect"
        self.vanished: list[str] = []
        self._clock = clock
        self._port = port
        self._lanes: dict[str, Lane] = {}
        self._weather: list[tuple[str, list[Rule]]] = []
        self._rules: list[Rule] = []
        self._serial = 1
        self._dynamic = False
        self._stormy = False
        self._publishing: dict[tuple[str | None, str | None], Effective] = {}
        self._observers: dict[str, tuple[Callable[[Any], object], ...]] = {}
        self._minute: Timer | None = None
        self._stopped = False
        self._failed: dict[Any, None] = {}
        self._chores: list[tuple[Any, ...]] = []
        self._in_vain: WeakKeyDictionary[object, Timer] = WeakKeyDictionary()
        self._begin_commands()

    def _begin_commands(self) -> None:
        self._faults: list[Fault] = []
        self._failing: dict[str, list[Failing]] = {"publish": [], "authorize": [], "webhook": []}
        self._partitions: list[tuple[tuple[Any, ...], int | None]] = []
        self._refusals = 0
        self._outages: set[object] = set()
        self._counting: object = None  # whose countdown it is
        self._endless = 0  # of them, those that no timer ends
        self._ends: list[Timer] = []  # of what is for a time
        self._era = object()

    # Looking up --------------------------------------------------------------------------------

    def rate(
        self, name: str, app: str | None, channel: str | None, connection: tuple[str, str] | None
    ) -> float:
        """A field of the last rule that fits and says it, whatever its direction."""
        value = 0.0
        for rule in self._rules:
            said = getattr(rule.conditions, name)
            if said is None and not (rule.resets and rule.direction is None):
                continue
            if rule.app is not None and app not in (None, rule.app):
                continue
            if rule.is_about(channel, connection):
                value = said or 0.0
        return value

    def fits(self, fault: Fault, event: PublishedEvent) -> bool:
        """Whether a fault is to be applied to an event; not where its predicate fails."""
        try:
            return fault.fits(event)
        except Exception as error:  # it is the test's, and the event has happened
            self.traffic.trouble.append(("when", error))
            return False

    def hears(self, connection: str) -> bool:
        """Whether anything gets through to a connection; the lock is not needed."""
        lane = self._lanes.get(connection)
        return lane is None or not lane.silent

    def _conditions(
        self,
        direction: str,
        app: str | None,
        channel: str | None,
        connection: tuple[str, str] | None,
    ) -> Effective:
        if not self._rules:
            return CALM
        if connection is not None:
            return effective(
                self._rules, direction, app=app, channel=channel, connection=connection
            )
        found = self._publishing.get((app, channel))
        if found is None:
            if len(self._publishing) >= _MOST:
                self._publishing.clear()
            found = effective(self._rules, direction, app=app, channel=channel)
            self._publishing[app, channel] = found
        return found

    def _for_lane(self, lane: Lane, channel: str | None) -> Effective:
        """What holds for what is sent to a connection."""
        if not self._rules:
            return CALM
        if lane.serial != self._serial:
            lane.effective.clear()
            lane.serial = self._serial
        found = lane.effective.get(channel)
        if found is None:
            pair = (lane.connection, lane.socket_id)
            found = effective(
                self._rules, "receive", app=lane.app, channel=channel, connection=pair
            )
            if not self._dynamic:
                lane.effective[channel] = found
        return found

    @property
    def down(self) -> bool:
        """Whether nothing gets through at all."""
        return bool(self._outages)

    @property
    def hopeless(self) -> bool:
        """Whether nobody can connect before a test says so: trying again is no work to be done."""
        return self.down or self._endless > 0

    def wait_in_vain(self, client: object, retry: Timer) -> None:
        """A client will try again where nobody can answer; the timer is in the background.

        It is work to be done again, as soon as there is hope.
        """
        with self._port.lock:
            self._in_vain[client] = retry
            self._settle()

    @property
    def refusing(self) -> bool:
        """Whether nobody may connect just now."""
        return self._refusals > 0

    def _lane(self, connection: str, at: float) -> Lane:
        lane = self._lanes.get(connection)
        if lane is None:
            socket_id, app, opened = self._port.find_connection(connection)
            lane = self._lanes[connection] = Lane(connection, socket_id, app, opened)
        return lane

    def _check_names(self, given: Any) -> None:
        """What nothing is called, and nothing will be, is a typing error.

        Raises:
            UsageError: it is one.
        """
        if isinstance(given, list | tuple | set | frozenset):
            for one in given:
                self._check_names(one)
        if not isinstance(given, str) or _ID.fullmatch(given) is not None:
            return
        there = self._port.open_connections()
        if not any(given in pair for pair in there):
            names = ", ".join(name for name, _ in there) or "none"
            raise UsageError(
                f"no connection is called {given!r}. Ids are like mock-connection-1, socket ids "
                f"like 123.456; open are: {names}. Give the client itself if you have it"
            )

    def _named(self, connection: Any) -> str:
        """The one open connection that is meant."""
        fits = connections_of(connection)
        there = self._port.open_connections()
        found = [name for name, socket_id in there if fits(name, socket_id)]
        if len(found) != 1:
            names = ", ".join(name for name, _ in there) or "none"
            raise UsageError(
                f"{connection!r} names {len(found)} open connections, and it has to be one; open "
                f"are: {names}"
            )
        return found[0]

    def _lane_of(self, connection: Any) -> Lane:
        name = self._named(connection)
        with self._port.lock:
            return self._lane(name, self._clock.now())

    def _kept(self, lane: Lane) -> Lane:
        """Under the lock: the lane as it is known now; calm weather forgets those without news."""
        return self._lanes.setdefault(lane.connection, lane)

    def _by_socket(self, socket_id: str | None) -> str | None:
        there = self._port.open_connections()
        return next((name for name, one in there if one == socket_id), None)

    def _groups_of(self, event: PublishedEvent) -> list[int | None]:
        """For each partition, which group an event comes from; ``None`` for everybody's."""
        if not self._partitions:
            return []
        sender = self._by_socket(event.socket_id) if event.client else None
        groups: list[int | None] = []
        for tests, publisher in self._partitions:
            if sender is None:
                groups.append(publisher)
            else:
                groups.append(_group(tests, sender, event.socket_id or ""))
        return groups

    def _parted(self, groups: list[int | None], lane: Lane) -> bool:
        return any(
            group is not None and group != _group(tests, lane.connection, lane.socket_id)
            for group, (tests, _) in zip(groups, self._partitions, strict=True)
        )

    def _settle(self) -> None:
        """Notice whether there is any weather, so that good weather costs nothing."""
        self._faults = self._unspent(self._faults)
        for what, all_ in self._failing.items():
            self._failing[what] = self._unspent(all_)
        if self._in_vain and not self.hopeless:
            for retry in list(self._in_vain.values()):
                self._clock.put_in_background(retry, False)
            self._in_vain.clear()
        now = self._clock.now()
        self.calm = not (
            self.traffic.flying
            or self._stormy
            or self._faults
            or self.down
            or self._refusals
            or self._partitions
            or self.traffic.watched
            or self.traffic.countdown is not None
            or any(self._failing.values())
            or self._failed  # a call that is made again is counted
            or self._chores
            or self.traffic.news
            or self.traffic.trouble
            or self.traffic.cut
            or any(lane.special or lane.sending_until > now for lane in self._lanes.values())
        )
        if self.calm:
            self._lanes.clear()

    def _unspent(self, all_: list[Any]) -> list[Any]:
        """Those that will go on; the log says when the others have ended."""
        for one in all_:
            if one.spent:
                self.log.end(one)
        return [one for one in all_ if not one.spent]

    def __str__(self) -> str:
        parts = [
            text
            for text, rules in self._weather
            if not rules or any(rule.resets or rule.conditions.said() for rule in rules)
        ]
        while parts and parts[0] == "perfect":
            del parts[0]
        parts += map(str, self._faults)
        parts += [one.text for all_ in self._failing.values() for one in all_]
        if self.down:
            parts.append("down")
        if self._refusals:
            parts.append("refuse connections")
        if self._partitions:
            parts.append("partition")
        parts += self.log.held
        return " + ".join(parts) or "perfect"


def _group(tests: tuple[Callable[[str, str], bool], ...], connection: str, socket_id: str) -> int:
    """The number of the group that a connection is in; the last one's for those in none."""
    return next(
        (number for number, test in enumerate(tests) if test(connection, socket_id)), len(tests)
    )
