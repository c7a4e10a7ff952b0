"""What other brokers have and Pusher has not: queues. Calls are accepted and do nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Queues"]

_log: Final = logging.getLogger("compat.broker")


class Queues:
    """Queues, acknowledgements and redelivery, as calls that do nothing and say so once.

    Pusher delivers at most once, to whoever is subscribed. Code that also runs on a broker with
    queues may make these calls; messages reach nobody by them: use `subscribe`.
    """

    def __init__(self) -> None:
        """Start without having said anything."""
        self._said: set[str] = set()

    def declare(self, queue: str, **options: Any) -> None:
        """Do nothing: there are no queues, and a topic needs no declaration.

        Args:
            queue: Not used.
            **options: Not used.
        """
        self._say("declare")

    def consume(
        self, queue: str, handler: Callable[..., object], **options: Any
    ) -> Callable[[], None]:
        """Do nothing: nothing is ever in a queue. `subscribe` is what delivers.

        Args:
            queue: Not used.
            handler: Never called.
            **options: Not used.

        Returns:
            What would end it, and does nothing either.
        """
        self._say("consume")
        return _nothing

    def ack(self, message: object) -> None:
        """Do nothing: what was delivered is forgotten anyway.

        Args:
            message: Not used.
        """
        self._say("ack")

    def nack(self, message: object, *, requeue: bool = True) -> None:
        """Do nothing: nothing is delivered again.

        Args:
            message: Not used.
            requeue: Not used.
        """
        self._say("nack")

    def purge(self, queue: str) -> None:
        """Do nothing: there is nothing to throw away.

        Args:
            queue: Not used.
        """
        self._say("purge")

    def _say(self, call: str) -> None:
        if call not in self._said:
            self._said.add(call)
            _log.warning("%s() does nothing: Pusher has no queues; use subscribe()", call)


def _nothing() -> None:
    return None
