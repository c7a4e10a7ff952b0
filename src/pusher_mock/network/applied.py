"""What a command to the network returns: it takes the command back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .faults import Fault
    from .weather_log import Said

__all__ = ["Applied", "FaultApplied", "nothing"]


class Applied:
    """Something that the network was told; it holds until ``end()``, or to the end of a block."""

    def __init__(self, text: str, undo: Callable[[], None], said: Said | None = None) -> None:
        self._text = text
        self._undo: Callable[[], None] | None = undo
        self._said = said
        self._taken_back = False

    def end(self) -> None:
        """Take it back; again is fine."""
        self._taken_back = True
        self.expire()

    def expire(self) -> None:
        """Its time is over."""
        undo, self._undo = self._undo, None
        if undo is not None:
            if self._said is not None:
                self._said.end()
            undo()

    def __enter__(self) -> Self:
        if self._taken_back:
            raise UsageError(f"{self._text} has been taken back already; say it again")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def __repr__(self) -> str:
        return f"<Applied {self._text}{'' if self._undo else ' ended'}>"


class FaultApplied(Applied):
    """A fault that the network was told of.

    Attributes:
        fault: with its ``hits``.
    """

    def __init__(self, fault: Fault, undo: Callable[[], None], said: Said | None = None) -> None:
        super().__init__(str(fault), undo, said)
        self.fault = fault

    @property
    def hits(self) -> int:
        """How many events it has been applied to."""
        return self.fault.hits


def nothing() -> None:
    """There is nothing to take back."""
