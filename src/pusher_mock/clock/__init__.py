"""Clocks: milliseconds for timers, and the application's wall clock for signatures.

A mock's timers are data; a clock says when they are due. ``ManualClock`` moves only when told,
``SystemClock`` with real time. Neither starts a thread: what is due runs at the next input, when
the clock is moved, or at ``run_due()``.
"""

from __future__ import annotations

from .base import Clock
from .manual import ManualClock
from .schedule import Timer
from .system import SystemClock

__all__ = ["Clock", "ManualClock", "SystemClock", "Timer"]
