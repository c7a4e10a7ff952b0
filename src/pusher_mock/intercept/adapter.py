"""An adapter for sessions of requests that a test builds itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

from pusher_mock.core import current

from .requests import respond

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from pusher_mock.mock import PusherMock

__all__ = ["PusherAdapter"]


class PusherAdapter(HTTPAdapter):
    """Has everything answered by a mock: ``session.mount("https://api-eu.pusher.com", ...)``.

    Args:
        mock: the mock; without it the one that is current at a call.
    """

    def __init__(self, mock: PusherMock | None = None) -> None:
        super().__init__()
        self._mock = mock

    def send(
        self, request: PreparedRequest, stream: bool = False, *args: Any, **kwargs: Any
    ) -> Response:
        """Answer; nothing is sent."""
        core = self._mock.core if self._mock is not None else current()
        return respond(self, core, request, stream)

    def __repr__(self) -> str:
        return f"<PusherAdapter of {self._mock or 'the current mock'}>"
