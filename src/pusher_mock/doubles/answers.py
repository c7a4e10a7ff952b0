"""Answers to subscriptions: they wait for the callbacks that are bound after ``subscribe()``.

Pysher's users subscribe and then bind, while the service's answer is still on its way. In memory
it has come by the time that ``subscribe()`` returns. So an answer that found no callback waits
for one, until the connection is sent anything that is no such answer.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Outbox
    from pusher_mock.protocol.frames import Frame

__all__ = ["Answers", "Binding", "Replay"]

# callback, args, kwargs, as pysher keeps them
Binding = tuple["Callable[..., object]", tuple[Any, ...], dict[str, Any]]


class Replay(NamedTuple):
    """An answer to a subscription, for the callback that was bound after it came."""

    frame: Frame
    binding: Binding


class _Answer:
    """To one subscription: the frames on their way or heard, and those that nobody heard."""

    __slots__ = ("expected", "unheard")

    def __init__(self, expected: list[Frame]) -> None:
        self.expected = expected
        self.unheard: list[Frame] = []


class Answers:
    """The answers to the subscriptions of one connection.

    Args:
        box: its outbox, which is told whether frames that find no callback are of interest.
    """

    def __init__(self, box: Outbox) -> None:
        self._box = box
        # Held for look-ups only, never while anything is called back.
        self._lock = Lock()
        self._by_channel: dict[str, _Answer] = {}

    def expect(self, channel: str, frames: list[Frame]) -> None:
        """Say what a subscription is answered with, before any of it can arrive."""
        with self._lock:
            self._by_channel[channel] = _Answer(frames)
            self._box.curious = True

    def unheard(
        self, channel: str, frame: Frame, find: Callable[[], list[Binding] | None]
    ) -> list[Binding] | None:
        """Note a frame that found no callback; returns those that were bound meanwhile."""
        with self._lock:
            bindings = find()
            if bindings:
                return bindings
            answer = self._by_channel.get(channel)
            if answer is not None and _contains(answer.expected, frame):
                answer.expected = [one for one in answer.expected if one is not frame]
                answer.unheard.append(frame)
            else:
                self._box.curious = any(one.expected for one in self._by_channel.values())
            return None

    def bind(self, bind: Callable[[], None], channel: str, event: str) -> list[Frame]:
        """Bind a callback, and return the frames that it would have come in time for."""
        with self._lock:
            bind()
            answer = self._by_channel.get(channel)
            if answer is None or not answer.unheard:
                return []
            last = self._box.last
            if not any(
                _contains(one.unheard, last) or _contains(one.expected, last)
                for one in self._by_channel.values()
            ):
                answer.unheard.clear()  # something came since: it is too late
            return [frame for frame in answer.unheard if frame.event == event]


def _contains(frames: list[Frame], frame: Frame | None) -> bool:
    return any(one is frame for one in frames)  # identity: equal frames are not the same message
