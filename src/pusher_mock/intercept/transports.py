"""Transports for httpx clients that a test builds itself."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pusher_mock.core import current

from .httpx import respond

if TYPE_CHECKING:
    from types import ModuleType

    from pusher_mock.mock import PusherMock

__all__ = ["mounts", "transport"]

# facts 1.1, 2.1.1
_PATTERNS = ("all://*.pusher.com", "all://*.pusherapp.com")


def transport(mock: PusherMock | None = None, library: ModuleType | str = "httpx") -> Any:
    """A transport that has everything answered by a mock, whichever host is called.

    For ``httpx.Client(transport=...)`` and ``httpx.AsyncClient(transport=...)``.

    Args:
        mock: the mock; without it the one that is current at a call.
        library: ``httpx``, or ``httpx2`` for clients of that.
    """
    module: Any = importlib.import_module(library) if isinstance(library, str) else library
    core = mock.core if mock is not None else None

    class PusherTransport(module.BaseTransport, module.AsyncBaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return respond(module, core or current(), request, request.read())

        async def handle_async_request(self, request: Any) -> Any:
            return respond(module, core or current(), request, await request.aread())

        def __repr__(self) -> str:
            return f"<PusherTransport {module.__name__} of {mock or 'the current mock'}>"

    return PusherTransport()


def mounts(mock: PusherMock | None = None, library: ModuleType | str = "httpx") -> dict[str, Any]:
    """The same for Pusher's hosts only: ``httpx.Client(mounts=mounts(mock))``.

    Args:
        mock: the mock; without it the one that is current at a call.
        library: ``httpx``, or ``httpx2`` for clients of that.
    """
    shared = transport(mock, library)
    return dict.fromkeys(_PATTERNS, shared)
