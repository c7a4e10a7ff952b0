"""The project's logger, and ``PUSHER_MOCK_LOG``."""

from __future__ import annotations

import logging
import os

from pusher_mock.protocol.errors import UsageError

__all__ = ["configure", "logger"]

logger = logging.getLogger("pusher_mock")

_LOG_LEVELS = {
    "1": logging.DEBUG,
    "true": logging.DEBUG,
    "yes": logging.DEBUG,
    "on": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_LOG_OFF = frozenset({"", "0", "false", "no", "off"})


def configure() -> None:
    """``PUSHER_MOCK_LOG``: show every message on stderr, through standard logging."""
    wanted = os.environ.get("PUSHER_MOCK_LOG", "").strip().lower()
    if wanted in _LOG_OFF:
        return
    if wanted not in _LOG_LEVELS:
        known = ", ".join(sorted([*_LOG_LEVELS, "0"]))
        raise UsageError(f"PUSHER_MOCK_LOG={wanted!r} is not understood; use one of {known}")
    logger.setLevel(_LOG_LEVELS[wanted])
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
