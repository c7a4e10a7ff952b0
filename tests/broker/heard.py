"""What handlers of tests are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compat.broker import BrokerMessage

__all__ = ["Heard"]


class Heard(list[Any]):
    """The payloads that a handler was given."""

    def __call__(self, message: BrokerMessage) -> None:
        self.append(message.payload)
