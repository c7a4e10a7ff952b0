"""Waits for a signal, and says which one came."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def hear(number: int, frame: FrameType | None) -> None:
    """End with a code of our own."""
    print(f"heard {signal.Signals(number).name}")
    sys.exit(40)


for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(one, hear)
print("waiting", flush=True)
while True:
    signal.pause()
