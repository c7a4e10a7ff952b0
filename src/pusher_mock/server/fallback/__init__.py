"""The HTTP fallbacks of pusher-js: streaming, polling, SockJS, and its statistics (facts 4)."""

from __future__ import annotations

from .routes import Fallback, fallback_routes

__all__ = ["Fallback", "fallback_routes"]
