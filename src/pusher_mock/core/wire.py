"""A core as a server uses it: nothing here waits, and callbacks run on another thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pusher_mock.engine import (
    CloseConnection,
    CloseRequested,
    ConnectionClosed,
    ConnectionOpened,
    Effect,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    Respond,
)
from pusher_mock.protocol import codes

from .logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine import DeliverWebhook

    from .core import Core
    from .lines import Line
    from .outbox import Outbox

__all__ = ["Wire"]


class Wire:
    """The inputs of a server, into one core.

    The doubles hand a callback what it is sent before the call that sent it returns. A server may
    not: a callback that asks the same server something would wait for itself. So what goes to
    doubles in this process is left to ``elsewhere``, and what goes to lines is on its way when a
    method returns.

    Args:
        core: the core.
        elsewhere: takes what another thread is to call, in order.
    """

    def __init__(self, core: Core, elsewhere: Callable[[Callable[[], object]], None]) -> None:
        self.core = core
        self._elsewhere = elsewhere

    def accept(
        self, target: str, line: Line, *, tls: bool = False, native_ping: bool = True
    ) -> Outbox:
        """Open a connection that this line is the other end of.

        The line may be given a refusal and a close before this returns.

        Args:
            target: path and query of the request (facts 1.1).
            line: takes what the client is sent.
            tls: whether the transport is encrypted.
            native_ping: whether the transport has pings of its own (facts 1.12.2).

        Raises:
            Unreachable: the network has come between.
            UsageError: the mock is closed.
        """
        core = self.core
        with core.lock:
            core.check_open()
            if not core.network.calm:
                core.network.admit(target)
            box = core.new_line(line)
            happened = ConnectionOpened(
                box.connection, box.socket_id, target, tls, native_ping, strict=True
            )
            self._finish(happened, *core._apply(happened, alone=False))
        return box

    def hear(self, box: Outbox, text: str | bytes) -> None:
        """The client sent a message; nobody hears it when its connection has ended."""
        self._hear(box, FrameReceived(box.connection, text))

    def pong(self, box: Outbox) -> None:
        """The client's transport answered a ping."""
        self._hear(box, PongReceived(box.connection))

    def _hear(self, box: Outbox, happened: FrameReceived | PongReceived) -> None:
        core = self.core
        if core.network.calm or core.on_the_way(box, happened, lambda: self._heard(box, happened)):
            self._heard(box, happened)

    def end(self, box: Outbox, code: int, message: str) -> None:
        """Close a connection from this side, with ``pusher:error`` and a close (facts 1.10)."""
        self._heard(box, CloseRequested(box.connection, code, message))

    def hears(self, box: Outbox) -> bool:
        """Whether the other end of a connection hears what it is told, or has heard its end."""
        core = self.core
        with core.lock:
            known = core._courier.get(box.connection) is box
            return not known or core.network.hears(box.connection)

    def cut(self, box: Outbox) -> None:
        """End a connection without a word to the other end, which may not know that it ended."""
        self.lost(box)
        assert box.line is not None  # what a server accepts is one
        with self.core.lock:
            box.line.take(CloseConnection(box.connection, codes.ABNORMAL_CLOSURE, ""))

    def lost(self, box: Outbox) -> None:
        """The transport is gone; again is fine."""
        core = self.core
        happened = ConnectionClosed(box.connection)
        with core.lock:
            core._ghosts.pop(box, None)
            if core._courier.get(box.connection) is box:
                applied = core._apply(happened, alone=False)
                core._courier.take(box.connection)
                self._finish(happened, *applied)

    def request(self, happened: HttpRequested) -> Respond:
        """Answer a call of the HTTP API.

        Raises:
            Unreachable: the network has come between.
            UsageError: the mock is closed.
        """
        core = self.core
        self._keep_time()
        failed = None if core.network.calm else core.network_fails(happened)
        if failed is not None and not failed.accepted:
            return core.failed(happened, failed)
        with core.lock:
            core.check_open()
            effects, touched = core._apply(happened, alone=False)
            self._finish(happened, effects, touched)
        if failed is not None:
            return core.failed(happened, failed)
        answer = effects[-1]
        assert isinstance(answer, Respond)
        if answer.note:
            core.explain(happened, answer)
        return answer

    def send_webhooks(self, sender: Callable[[DeliverWebhook], None]) -> Callable[[], None]:
        """Have webhooks that are due sent by this, once nobody who came before does.

        Args:
            sender: called under the lock; it must neither wait nor call back.

        Returns:
            What ends it.
        """
        senders = self.core._courier.webhooks
        with self.core.lock:
            senders.append(sender)

        def end() -> None:
            with self.core.lock:
                senders.remove(sender)

        return end

    def _heard(self, box: Outbox, happened: Input) -> None:
        core = self.core
        self._keep_time()
        with core.lock:
            # After a reset another connection may have the name.
            if core._courier.get(box.connection) is box:
                self._finish(happened, *core._apply(happened, alone=False))

    def _keep_time(self) -> None:
        clock = self.core.clock
        if clock.next_due <= clock.now():
            self._elsewhere(clock.run_due)

    def _finish(self, happened: Input, effects: list[Effect], touched: list[Outbox]) -> None:
        """Under the lock: have the rest done elsewhere. A logging handler is application code."""
        core = self.core
        if core._courier.notes or logger.isEnabledFor(logging.DEBUG):
            self._elsewhere(lambda: core._log(happened, effects))
        if touched:
            deliver = core._courier.leave_to_another(touched)
            if deliver is not None:
                self._elsewhere(deliver)
        if not core.network.calm:
            self._elsewhere(core.aftermath)
