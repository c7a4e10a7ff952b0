"""Doors for code that does not ask for a double. Import the one you need."""

from __future__ import annotations

__all__: list[str] = []
