"""Handing items to subscribers: one by one, or in a round through a whole fan-out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.frames import Frame

from .outbox import CallbackFailed, Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .lines import Board, Line

__all__ = ["Round", "hand_over"]


class Round:
    """The outboxes of a fan-out, and how far a loop through them has got.

    A fan-out while nobody else delivers, which is nearly every fan-out, needs no queues. When
    another thread has something to deliver meanwhile, it breaks the round up: what the round has
    not begun with goes into the queues.

    Attributes:
        boxes: those of the subscribers in this process, in order.
        lines: the others, by the board that they come together on.
        frame: what is delivered.
        rest: the outboxes that have not been begun with.
        thread: the one that goes round.
        at: once broken up, the outbox that it was at.
        left: once broken up, the outboxes that it still has to look after.
    """

    __slots__ = ("at", "boxes", "frame", "left", "lines", "rest", "thread")

    def __init__(self, boxes: list[Outbox]) -> None:
        self.boxes = [box for box in boxes if box.line is None]
        self.lines: list[tuple[Board, Sequence[Line]]] = []
        if len(self.boxes) < len(boxes):
            boards: dict[Board, list[Line]] = {}
            for box in boxes:
                if box.line is not None:
                    boards.setdefault(box.line.board, []).append(box.line)
            self.lines = [(board, tuple(lines)) for board, lines in boards.items()]
        self.frame: Frame | None = None
        self.rest: Iterator[Outbox] = iter(())
        self.thread = 0
        self.at: Outbox | None = None
        self.left: list[Outbox] = []

    def begin(self, frame: Frame, thread: int) -> None:
        """Get ready to go round with a frame."""
        self.frame, self.rest, self.thread = frame, iter(self.boxes), thread
        self.at, self.left = None, []

    def break_up(self) -> None:
        """End it: from here on its outboxes have their queues, and the one it is at its token."""
        # One step, which no thread can come between: the loop finds nothing further to begin.
        rest = list(self.rest)
        begun = len(self.boxes) - len(rest)
        if begun:
            # It is at this one, or has just done with it; it will look whether more has come.
            self.at = self.boxes[begun - 1]
            self.at.free.clear()
            self.at.owner = self.thread
        for box in rest:
            box.queue.append(self.frame)
        self.left = rest

    def go(self) -> BaseException | None:
        """Deliver the frame to everybody that is left; returns what a callback raised.

        The dispatch to callbacks stands here, beside ``hand_over``: this loop is what a fan-out
        costs, and a call for each recipient would be a quarter of it.
        """
        raised: BaseException | None = None
        rest, frame = self.rest, self.frame
        assert frame is not None
        name, event, data = frame.channel, frame.event, frame.data
        while True:
            try:
                for box in rest:
                    box.last = frame
                    subscriber = box.subscriber
                    if subscriber is None:
                        box.sink(frame)
                        continue
                    channel = subscriber.channels.get(name)
                    if channel is not None and (bound := channel.event_callbacks.get(event)):
                        try:
                            for callback, args, kwargs in bound:
                                if args or kwargs:
                                    callback(data, *args, **kwargs)
                                else:
                                    callback(data)
                        except Exception as error:
                            box.failed(CallbackFailed(frame, error))
                    elif box.curious:
                        box.sink(frame)
                return raised
            except BaseException as error:
                raised = error if raised is None else raised


def hand_over(box: Outbox, item: Any) -> None:
    """Give one item to the callbacks that are bound to it, or to the sink."""
    if item.__class__ is Frame:
        box.last = item
        subscriber = box.subscriber
        if subscriber is not None and item.channel is not None:
            channel = subscriber.channels.get(item.channel)
            bound = channel.event_callbacks.get(item.event) if channel is not None else None
            if bound:
                try:
                    for callback, args, kwargs in bound:
                        callback(item.data, *args, **kwargs)
                except Exception as error:
                    box.failed(CallbackFailed(item, error))
                return
            if not box.curious:
                return
    box.sink(item)
