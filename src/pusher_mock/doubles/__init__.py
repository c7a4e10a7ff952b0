"""The SDK classes on the core. Import from the modules: each SDK costs its import time."""

from __future__ import annotations

__all__: list[str] = []
