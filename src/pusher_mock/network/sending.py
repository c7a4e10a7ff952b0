"""What clients send: whether they get in, and when their messages arrive."""

from __future__ import annotations

from pusher_mock.protocol.errors import ProtocolViolation, Unreachable
from pusher_mock.protocol.frames import parse_frame

from .conditions import SCOPES
from .ground import Ground
from .timing import sent, to_the_microsecond

__all__ = ["Sending"]

_EVENTS, _SUBSCRIPTIONS, _CONNECTION = SCOPES


class Sending(Ground):
    """The way from clients to the service. See ``Network``."""

    def admit(self, target: str) -> None:
        """Let a client connect.

        Args:
            target: path and query of its request.

        Raises:
            Unreachable: it finds nobody.
        """
        if self.down:
            raise Unreachable("refused", "the network is down; reconnect() of it ends that")
        if self.refusing:
            raise Unreachable("refused", "the network refuses connections just now")
        key = target.partition("?")[0].rpartition("/")[2]
        app = self._port.find_app("", key)  # of a key that nobody has: no app's
        rate = self.rate("connect_error_rate", app, None, None)
        if rate and self.traffic.chance() < rate:
            raise Unreachable("refused", "the weather has refused this connection")

    def outgoing(self, connection: str, text: str | bytes | None, at: float) -> list[float]:
        """When what a client sends arrives.

        Args:
            connection: whose.
            text: the message; ``None`` for the answer to a ping of the transport.
            at: the mock's clock.

        Returns:
            Points in time, one for each copy; none when it is lost.
        """
        lane = self._lane(connection, at)
        scope, channel, event = _kind(text)
        if lane.silent:
            self._miss(channel, event)
            return []
        conditions = self._conditions("send", lane.app, channel, (lane.connection, lane.socket_id))
        if conditions.plain or scope not in conditions.scope:
            return [max(at, lane.sending_until) if conditions.in_order else at]
        chance = self.traffic.chance
        if conditions.drop_rate and chance() < conditions.drop_rate:
            self._miss(channel, event)
            return []
        times = []
        copies = 1
        if conditions.duplicate_rate and chance() < conditions.duplicate_rate:
            copies += 1
        for _ in range(copies):
            due = self.traffic.delayed(at, conditions)
            if conditions.bandwidth:
                free_at = sent(text or "", at, lane.sending_free_at, conditions.bandwidth)
                lane.sending_free_at = free_at
                due += free_at - at
            due = to_the_microsecond(due, at)
            if conditions.in_order:
                due = max(due, lane.sending_until)
                lane.sending_until = due
            times.append(due)
        return times

    def _miss(self, channel: str | None, event: str) -> None:
        """Count what the service does not hear of, if it is an event on a channel."""
        if channel is not None and event:
            self.meter.tally(channel, event).unreceived += 1


def _kind(text: str | bytes | None) -> tuple[str, str | None, str]:
    """What a message of a client is about, of which channel, and which event it is, if any."""
    if text is None:
        return _CONNECTION, None, ""
    try:
        frame = parse_frame(text)
    except ProtocolViolation:
        return _CONNECTION, None, ""
    data = frame.data if isinstance(frame.data, dict) else {}
    channel = frame.channel if frame.event.startswith("client-") else data.get("channel")
    name = channel if isinstance(channel, str) else None
    if frame.event.startswith("client-"):
        return _EVENTS, name, frame.event
    return (_CONNECTION if name is None else _SUBSCRIPTIONS), name, ""
