"""What the commands need beyond the package itself, and how to get it."""

from __future__ import annotations

from typing import Final

__all__ = ["EXTRAS", "remedy"]

EXTRAS: Final = frozenset({"click", "rich", "uvicorn", "httptools", "httpx", "websockets"})
"""Modules of the extras ``cli`` and ``server``."""


def remedy(module: str) -> str:
    """What to do when one is missing."""
    return f"{module} is not installed; run: pip install 'pusher-mock[cli,server]'"
