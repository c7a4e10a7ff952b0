"""What a test has happen to connections: cut, closed, refused, silent, parted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import UsageError

from .applied import Applied, nothing
from .conditions import is_count
from .failing import Failing
from .faults import close_code
from .ground import Ground
from .latencies import milliseconds
from .publishers import Failure
from .where import connections_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Timer

    from .lanes import Lane
    from .weather_log import Said

__all__ = ["Upsets"]


class Upsets(Ground):
    """The commands about connections. See ``Network``."""

    # Connections -------------------------------------------------------------------------------

    def disconnect_now(self, connection: Any = None) -> Applied:
        """Cut a connection without a close frame; or all, and let nobody in.

        Without a connection the whole network is down, until ``reconnect()`` or the end of what
        this returns. Publishing raises then. Clients find nobody, which pysher and its double do
        not raise: they are ``unavailable``, and try again.

        Args:
            connection: whose, named as in ``use``.

        Raises:
            UsageError: no open connection is named like that.
        """
        if connection is not None:
            name = self._named(connection)
            self.log.say("disconnect_now", name, lasts=False)
            self._port.inject(f"cut {name}")
            self._port.cut(name)
            return Applied(f"cut {name}", nothing)
        outage = object()
        with self._port.lock:
            self._outages.add(outage)
            said = self.log.say("disconnect_now", of=outage)
            self._settle()
        self._port.inject("down")
        for name, _ in self._port.open_connections():
            self._port.cut(name)
        return Applied("down", lambda: self._up_again({outage}), said)

    def reconnect(self) -> None:
        """The network is there again; again is fine."""
        self._up_again(self._outages)

    def _up_again(self, outages: set[object]) -> None:
        with self._port.lock:
            was = self.down
            self._outages = self._outages - outages
            for outage in outages:
                self.log.end(outage)
            self._settle()
        if was and not self.down:
            self._port.inject("up")

    def disconnect_after(self, events: int, connection: Any = None) -> Applied:
        """Cut a connection once it was given so many further events; or all, as ``disconnect_now``.

        Args:
            events: how many, from 1; without a connection those to everybody count.
            connection: whose, named as in ``use``.

        Raises:
            UsageError: no open connection is named like that, or the number is below 1.
        """
        if not is_count(events, 1):
            raise UsageError(f"disconnect_after() takes a number of events from 1, not {events!r}")
        if connection is None:
            with self._port.lock:
                self.traffic.countdown = events
                self._counting = counting = object()
                self.log.end(self.traffic)  # the one that was told before
                said = self.log.say("disconnect_after", str(events), self.traffic)
                self._settle()

            def stop() -> None:
                with self._port.lock:
                    if self._counting is counting:  # neither told anew nor cleared meanwhile
                        self.traffic.countdown = None
                    self._settle()

            return Applied(f"down after {events}", stop, said)
        lane = self._lane_of(connection)
        with self._port.lock:
            lane = self._kept(lane)
            lane.countdown = events
            self.log.end(lane.connection, "disconnect_after")
            said = self.log.say("disconnect_after", f"{events} {lane.connection}", lane.connection)
            lane.counting = said
            self._settle()

        def undo() -> None:
            with self._port.lock:
                if lane.counting is said:  # not told anew since
                    lane.countdown = None
                self._settle()

        return Applied(f"cut {lane.connection} after {events}", undo, said)

    def close(self, connection: Any, code: int, reason: str = "") -> Applied:
        """Close a connection as the service does: ``pusher:error``, then the close (facts 1.10).

        Args:
            connection: whose, named as in ``use``.
            code: 4000 to 4099 tell the client to stay away, 4100 to 4199 to come back after a
                pause, 4200 to 4299 to come back at once.
            reason: told beside it.

        Returns:
            Something for a ``with`` block, like every command; there is nothing to take back.

        Raises:
            UsageError: no open connection is named like that, or that is no code.
        """
        code = close_code(code)
        name = self._named(connection)
        self.log.say("close", f"{name} {code}", lasts=False)
        self._port.end_connection(name, code, reason)
        self._port.catch_up()
        return Applied(f"close {name} {code}", nothing)

    def refuse_connections(self, ms: float | None = None) -> Applied:
        """Let nobody connect, for so many milliseconds, or until it is taken back.

        Raises:
            UsageError: that is no time.
        """
        endless = int(ms is None)

        def begin() -> None:
            self._refusals += 1
            self._endless += endless

        def end() -> None:
            self._refusals -= 1
            self._endless -= endless

        return self._for_a_time("refuse connections", ms, begin, end, ("refuse_connections", ""))

    def half_open(self, connection: Any, ms: float | None = None) -> Applied:
        """Let nothing through in either direction, without anybody being told.

        The service closes the connection when its pings stay without an answer, and the client
        finds out when its own do.

        Args:
            connection: whose, named as in ``use``.
            ms: for how long; ``None`` until it is taken back.

        Raises:
            UsageError: no open connection is named like that.
        """
        lane = self._lane_of(connection)

        def begin() -> None:
            nonlocal lane
            lane = self._kept(lane)
            lane.silent += 1

        def end() -> None:
            lane.silent -= 1

        said = ("half_open", lane.connection)
        return self._for_a_time(f"half-open {lane.connection}", ms, begin, end, said)

    def pause(self, connection: Any) -> Applied:
        """The client of a connection stops reading: what it is sent waits, in its queue.

        Raises:
            UsageError: no open connection is named like that.
        """
        lane = self._lane_of(connection)
        resumed = 0

        def begin() -> None:
            nonlocal lane, resumed
            lane = self._kept(lane)
            lane.pauses += 1
            resumed = lane.resumed
            if lane.paused is None:
                lane.paused = []

        def end() -> None:
            if lane.resumed == resumed:  # else resume() has ended this one
                self._resume(lane)

        return self._for_a_time(
            f"pause {lane.connection}",
            None,
            begin,
            end,
            ("pause", lane.connection),
        )

    def resume(self, connection: Any) -> None:
        """It reads again; what has waited comes at once, in order.

        Raises:
            UsageError: no open connection is named like that.
        """
        lane = self._lane_of(connection)
        with self._port.lock:
            lane.pauses = 1  # all of them end
            lane.resumed += 1
            self.log.end(lane.connection, "pause")
            self._resume(lane)
            self._settle()
        self._port.inject(f"resume {lane.connection}")
        self._port.aftermath()

    def _resume(self, lane: Lane) -> None:
        lane.pauses = max(0, lane.pauses - 1)
        if lane.paused is not None and not lane.pauses:
            self.traffic.resume(lane, self._clock.now())

    def restart(self, ms: float = 0, *, code: int = codes.RECONNECT_NOW) -> Applied:
        """The service restarts: it closes every connection, and is away for so long.

        Args:
            ms: milliseconds during which nobody can connect and every call of a publisher finds no
                connection.
            code: told to the clients.

        Returns:
            What has the service be there again before its time.

        Raises:
            UsageError: that is no time or no code.
        """
        return self._restart(milliseconds(ms, "restart()"), close_code(code), told=True)

    def _restart(
        self, ms: float, code: int = codes.RECONNECT_NOW, *, told: bool = False
    ) -> Applied:
        if told and not ms:
            self.log.say("restart", lasts=False)
        self._port.inject(f"restart, away for {ms:g}ms")
        applied = Applied("restart", nothing)
        if ms > 0:
            said = ("restart", "") if told else None
            applied = self._for_a_time("", ms, self._away, self._back, said)
        for name, _ in self._port.open_connections():
            self._port.end_connection(name, code, "")
        self._port.catch_up()
        return applied

    def _away(self) -> None:
        self._refusals += 1
        self._failing["publish"].insert(0, _AWAY)

    def _back(self) -> None:
        self._refusals -= 1
        self._failing["publish"].remove(_AWAY)

    def partition(self, *groups: Any, publisher: int | None = None) -> Applied:
        """Part connections from each other: a client's events reach its own group only.

        Args:
            *groups: lists of connections, each named as in ``use``. Those in none are a group of
                their own.
            publisher: the number of the group, from 0, that events of publishers reach; ``None``
                lets them reach everybody.

        Raises:
            UsageError: there are no groups, or not so many.
        """
        if not groups:
            raise UsageError("partition() takes at least one group of connections")
        if publisher is not None and not 0 <= publisher < len(groups):
            raise UsageError(f"publisher is the number of a group below {len(groups)}")
        self._check_names(groups)
        parted = (tuple(connections_of(group) for group in groups), publisher)

        def begin() -> None:
            self._partitions.append(parted)

        def end() -> None:
            self._partitions = [one for one in self._partitions if one is not parted]

        said = ("partition", f"of {len(groups)}")
        return self._for_a_time(f"partition of {len(groups)}", None, begin, end, said)

    def _for_a_time(
        self,
        text: str,
        ms: float | None,
        begin: Callable[[], None],
        end: Callable[[], None],
        told: tuple[str, str] | None = None,
    ) -> Applied:
        """Begin something under the lock, and end it when told or after so many milliseconds."""
        if ms is not None:
            ms = milliseconds(ms, text)
        if text:
            self._port.inject(text)
        era = self._era
        said = None if told is None else self._say_for(ms, *told)
        with self._port.lock:
            begin()
            self._settle()
        timer: Timer | None = None

        def undo() -> None:
            if timer is not None:
                timer.cancel()
            with self._port.lock:
                holds = era is self._era  # neither cleared nor reset meanwhile
                if holds:
                    end()
                self._settle()
            if text and holds:
                self._port.inject(f"no more: {text}")
            self._port.aftermath()

        applied = Applied(text or "restart", undo, said)
        if ms is not None:
            timer = self._clock.call_at(self._clock.now() + ms, applied.expire)
            self._ends = [one for one in self._ends if one.callback is not None]
            self._ends.append(timer)
        return applied

    def _say_for(self, ms: float | None, command: str, of: str) -> Said:
        about = of if ms is None else f"{of} for {ms:g} ms".lstrip()
        return self.log.say(command, about, of)


_AWAY: Final = Failing("service away", Failure("refused"), None, lambda name: True)
