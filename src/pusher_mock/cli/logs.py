"""What ``serve`` logs, on standard error, one readable line each."""

from __future__ import annotations

import logging
import os

from .plain import plain

__all__ = ["LEVELS", "show_logs"]

LEVELS = ("debug", "info", "warning", "error")

_LOGGERS = ("pusher_mock", "uvicorn")


class _Lines(logging.Formatter):
    """Clients choose names that end up in the log: those must not move a terminal's cursor."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "\n".join([plain(line) for line in text.split("\n")])


def show_logs(level: str | None) -> None:
    """Show the log of the mock and of its server.

    Args:
        level: the least one shown, one of ``LEVELS``; ``None`` for that of ``PUSHER_MOCK_LOG``,
            and ``warning`` without it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("pusher-mock %(levelname)s: %(message)s"))
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        if level is not None:
            logger.setLevel(level.upper())
        elif "PUSHER_MOCK_LOG" not in os.environ or name != _LOGGERS[0]:
            logger.setLevel(logging.WARNING)
