"""What the processes of a command are told, in their environment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from pusher_mock.protocol.errors import UsageError

__all__ = ["REPORTS", "VARIABLE", "Orders"]

VARIABLE = "PUSHER_MOCK_INTERCEPT"
"""Holds the orders, as JSON."""

REPORTS = "PUSHER_MOCK_REPORTS"
"""Holds the folder that the processes write to."""


@dataclass(frozen=True, slots=True)
class Orders:
    """How calls are caught.

    Attributes:
        doors: their names; all of them when there is none.
        hosts: that are Pusher's besides its own.
        allow_real: that are called for real.
        forward_to: the URL of a local server, or ``None`` to answer in memory.
        token: proves to that server that credentials come from this command; ``None`` when it
            does not want to be told any.
        strict: whether calls that no door takes are refused.
    """

    doors: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    allow_real: tuple[str, ...] = ()
    forward_to: str | None = None
    token: str | None = None
    strict: bool = True

    def dumps(self) -> str:
        """As text for the environment."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Orders:
        """Read what ``dumps`` has written.

        Raises:
            UsageError: somebody else has written it.
        """
        try:
            given: dict[str, Any] = json.loads(text)
            for name, value in given.items():
                if isinstance(value, list):
                    given[name] = tuple(value)
            return cls(**given)
        except (ValueError, TypeError, AttributeError):
            raise UsageError(
                f"{VARIABLE} is written by `pusher-mock run`, and this is not from the same "
                "version; run the command with that"
            ) from None
