"""The machine's own time, whatever a test does to ``time``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["monotonic", "monotonic_source"]


def monotonic_source() -> Callable[[], float]:
    """The function that reads the machine's monotonic clock, in seconds.

    Who waits in real time has to go by it: freezegun stops ``time.monotonic``, wherever a module
    has it under a name of its own, and nobody's time would ever be over. It does not look into
    objects and closures; and when this is called while time is frozen, it has the real one.
    """
    freezegun: Any = sys.modules.get("freezegun.api")
    source: Callable[[], float] = getattr(freezegun, "real_monotonic", time.monotonic)
    return source


def _unfrozen() -> Callable[[], float]:
    read = monotonic_source()

    def monotonic() -> float:
        """Seconds of the machine's monotonic clock, also while a test has frozen it."""
        return read()

    return monotonic


monotonic = _unfrozen()
