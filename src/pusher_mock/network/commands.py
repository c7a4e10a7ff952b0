"""What a test tells the network about its weather: rules, faults, observers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

from .applied import Applied, FaultApplied
from .conditions import NetworkConditions
from .failing import Failures
from .faults import Fault
from .profiles import PROFILES, Profile, weather
from .rules import Rule
from .upsets import Upsets

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine import PublishedEvent

    from .lanes import Lane

__all__ = ["Commands"]

MINUTE: Final = 60_000.0


class Commands(Upsets, Failures):
    """Everything that can be said to a network. See ``Network``."""

    # Rules -------------------------------------------------------------------------------------

    def use(
        self,
        network: str | NetworkConditions | Profile,
        *,
        app: Any = None,
        channel: Any = None,
        connection: Any = None,
        direction: str | None = None,
    ) -> Applied:
        """Let conditions hold from now on, beside those that hold already.

        Where two rules say something different, the later one wins.

        Args:
            network: a profile or its name, conditions, or conditions as a text. ``perfect`` is
                good weather, whatever holds already. Of other profiles, what cannot be said of a
                channel or a connection is left away.
            app: for this app only, by its id or itself.
            channel: for channels with this name only: a glob, or a compiled regular expression.
            connection: for these only: an id (``mock-connection-1``), a socket id, a client, which
                may reconnect, or a list of them.
            direction: ``receive`` for what the service sends to clients, which is the default;
                ``send`` for what clients send; ``publish`` for the way of a publisher's event to
                the service. A profile has its own.

        Returns:
            What takes it back.

        Raises:
            UsageError: nothing like that can be said.
        """
        profile = weather(network)
        self._check_names(connection)
        where = {"app": app, "channel": channel, "connection": connection}
        if app is not None:
            with self._port.lock:
                where["app"] = found = self._port.find_app(app if isinstance(app, str) else app.id)
                if not self._port.may_have(found):
                    raise UsageError(f"no app of this mock has the id {found!r}")
        if isinstance(network, Profile) or (isinstance(network, str) and network in PROFILES):
            rules = Rule.of_profile(profile, direction=direction, **where)
        else:
            rules = [
                Rule.made(conditions, direction=direction or one, **where)
                for one, conditions in profile.rules
            ]
        plain = isinstance(network, NetworkConditions)
        parted = direction is not None or any(where.values())
        text = " ".join(map(str, rules)) if plain or parted else str(profile)
        entry = (text, rules)
        with self._port.lock:
            self._weather.append(entry)
            said = self.log.say_rule(text)
            self._rules_changed()
        timer = None
        if profile.restart is not None:
            after, away = profile.restart

            def restart() -> None:
                # Neither cleared nor closed meanwhile.
                if not self._stopped and any(one is entry for one in self._weather):
                    self._restart(away)

            timer = self._clock.call_at(self._clock.now() + after, restart)

        def undo() -> None:
            if timer is not None:
                timer.cancel()
            with self._port.lock:
                self._weather = [one for one in self._weather if one is not entry]
                self._rules_changed()

        return Applied(text, undo, said)

    def conditions(
        self,
        *given: Any,
        app: Any = None,
        channel: Any = None,
        connection: Any = None,
        direction: str | None = None,
        **fields: Any,
    ) -> Applied:
        """``use(NetworkConditions(**fields))``, with the same further parameters.

        Args:
            *given: nothing; a profile, a text or conditions go to ``use()``.
            app: as in ``use``.
            channel: as in ``use``.
            connection: as in ``use``.
            direction: as in ``use``.
            **fields: those of ``NetworkConditions``.

        Raises:
            UsageError: nothing like that can be said.
        """
        if given:
            raise UsageError(f"conditions() takes fields; use({given[0]!r}) takes what is made")
        names = [field.name for field in dataclasses.fields(NetworkConditions)]
        unknown = [name for name in fields if name not in names]
        if unknown:
            raise UsageError(
                f"conditions() does not know {', '.join(unknown)}; there are {', '.join(names)}, "
                "and app, channel, connection, direction"
            )
        conditions = NetworkConditions(**fields)
        return self.use(
            conditions, app=app, channel=channel, connection=connection, direction=direction
        )

    def clear(self) -> None:
        """Good weather: no rules, no faults, no commands. What is under way still arrives."""
        with self._port.lock:
            self._weather.clear()
            self.log.end_all()
            self._clear_commands()
            self._rules_changed()
        self._port.aftermath()

    def stop(self) -> None:
        """Under the lock: the mock is closed, and nothing happens by itself any more."""
        self._stopped = True
        if self._minute is not None:
            self._minute.cancel()
            self._minute = None
        for timer in self._ends:
            timer.cancel()

    def _clear_commands(self) -> None:
        for lane in self._lanes.values():
            lane.silent = lane.pauses = 0
            lane.countdown = None
            if lane.paused is not None:
                self.traffic.resume(lane, self._clock.now())
        self.traffic.countdown = None
        self._chores.clear()
        self.vanished.clear()
        for timer in self._ends:
            timer.cancel()
        self._begin_commands()

    def _rules_changed(self) -> None:
        rules = [rule for _, all_ in self._weather for rule in all_]
        cleared = [number for number, rule in enumerate(rules, 1) if rule.clears]
        self._rules = rules[max(cleared, default=0) :]
        self._dynamic = any(not isinstance(rule.connection, str | None) for rule in self._rules)
        self._stormy = any(rule.conditions.said() for rule in self._rules)
        self._serial += 1
        self._publishing.clear()
        wanted = any(rule.conditions.disconnect_rate for rule in self._rules)
        if wanted and self._minute is None:
            self._begin_minute()
        elif not wanted and self._minute is not None:
            self._minute.cancel()
            self._minute = None
        self._settle()

    def _minute_passed(self) -> None:
        with self._port.lock:
            if self._minute is not None:  # not taken back meanwhile
                self._begin_minute()

    def _begin_minute(self) -> None:
        """Under the lock: decide who is cut within it, of those who are there."""
        now = self._clock.now()
        self._minute = self._clock.call_at(now + MINUTE, self._minute_passed, background=True)
        for connection, _ in self._port.open_connections():
            self._may_be_cut(self._lane(connection, now), now)

    def _may_be_cut(self, lane: Lane, at: float) -> None:
        """Decide whether a connection is cut before the minute is over."""
        rate = self.rate("disconnect_rate", lane.app, None, (lane.connection, lane.socket_id))
        if not rate or self._minute is None:
            return
        left = self._minute.due - at
        if self.traffic.chance() < rate * left / MINUTE:
            due = round(at + self.traffic.chance() * left, 3)
            cut = self._cutting(lane.connection, lane.socket_id)
            self._clock.call_at(due, cut, background=True)

    def _cutting(self, connection: str, socket_id: str) -> Callable[[], None]:
        era = self._era

        def cut() -> None:
            if era is not self._era or (connection, socket_id) not in self._port.open_connections():
                return
            _, app, _ = self._port.find_connection(connection)
            # The rule may have been taken back since.
            if self.rate("disconnect_rate", app, None, (connection, socket_id)):
                self._port.inject(f"cut {connection}")
                self._port.cut(connection)

        return cut

    # Faults ------------------------------------------------------------------------------------

    def fault(
        self,
        match: Any = "*",
        *,
        event: Any = "*",
        when: Callable[[PublishedEvent], object] | None = None,
        action: str = "drop",
        times: int | None = None,
        to: Any = None,
        delay: float | None = None,
        status: int | str | None = None,
        code: int | None = None,
        reason: str | None = None,
    ) -> FaultApplied:
        """Have something go wrong for the next events that fit.

        Args:
            match: their channel: a glob, or a compiled regular expression.
            event: their name, likewise.
            when: asked about each event that fits so far; called under the mock's lock, so it may
                look at the event and no more.
            action: ``drop``; ``error``: the publisher is answered with ``status`` and nothing is
                published (a client event is lost, and its sender told); ``delay`` by so many
                milliseconds; ``duplicate``; ``corrupt``: half of the data is missing; ``close``:
                the connections that it was for are closed instead.
            times: for how many events; ``None`` for every one. ``close`` happens once unless told
                otherwise, because pusher-js comes back at once.
            to: only on the way to these connections, named as in ``use``; not of an ``error``.
            delay: milliseconds of a ``delay``; 1,000 by default.
            status: of the answer to the publisher of an ``error``, 500 by default; or ``timeout``
                or ``refused``, as for ``fail_publishes``.
            code: of a ``close``; 4200 by default.
            reason: of a ``close``.

        Returns:
            What takes it back, and counts its ``hits``.

        Raises:
            UsageError: nothing like that can be said.
        """
        self._check_names(to)
        fault = Fault(
            match,
            event=event,
            when=when,
            action=action,
            times=times,
            to=to,
            delay=delay,
            status=status,
            code=code,
            reason=reason,
        )
        with self._port.lock:
            self._faults.append(fault)
            said = self.log.say("", str(fault), fault)
            self._settle()

        def undo() -> None:
            with self._port.lock:
                self._faults = [one for one in self._faults if one is not fault]
                self._settle()

        return FaultApplied(fault, undo, said)

    # Observers ---------------------------------------------------------------------------------

    def watch(self, what: str, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of what is ``published``, ``delivered`` or ``dropped``; returns what ends it."""

        if not callable(callback):
            raise UsageError(f"an observer is called with what happened; {callback!r} cannot be")

        def told(note: Any) -> object:  # of its own, for one may watch twice
            return callback(note)

        with self._port.lock:
            self._observers[what] = (*self._observers.get(what, ()), told)
            self._observers_changed()

        def end() -> None:
            with self._port.lock:
                left = tuple(one for one in self._observers[what] if one is not told)
                self._observers[what] = left
                self._observers_changed()

        return end

    def _observers_changed(self) -> None:
        self.traffic.watched = frozenset(what for what, all_ in self._observers.items() if all_)
        self._settle()

    def observers(self, what: str) -> tuple[Callable[[Any], object], ...]:
        """Who is told of it."""
        return self._observers.get(what, ())

    def take_chores(self) -> list[tuple[Any, ...]]:
        """What is to be done without the lock; under it."""
        chores, self._chores = self._chores, []
        cut, self.traffic.cut = self.traffic.cut, []
        chores += [("cut", connection) for connection in cut]
        if self.traffic.countdown == 0:
            self.traffic.countdown = None
            self.log.end(self.traffic)
            chores.append(("down",))
        self._settle()
        return chores

    @property
    def busy(self) -> bool:
        """Whether there are chores or news."""
        traffic = self.traffic
        return bool(self._chores or traffic.news or traffic.cut or traffic.trouble) or (
            self.traffic.countdown == 0
        )
