"""The statistics that pusher-js sends if it is told to (facts 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import JSON, SCRIPT, respond

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["Timeline"]


class Timeline:
    """Takes statistics, and counts them.

    Attributes:
        count: how many there were.
    """

    def __init__(self) -> None:
        self.count = 0

    async def jsonp(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET /timeline/v2/jsonp/N`` (facts 4.4.2)."""
        self.count += 1
        receiver = scope["path_params"]["number"]
        await respond(send, f"Pusher.ScriptReceivers[{receiver}](null,{{}});".encode(), SCRIPT)

    async def xhr(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET /timeline/v2/xhr/N`` (facts 4.4.3)."""
        self.count += 1
        await respond(send, b"{}", JSON)
