"""For tests that use ``responses``: it answers Pusher's HTTP API from a mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from responses import CallbackResponse
from responses.registries import FirstMatchRegistry

from pusher_mock.core import Core, current

from .hosts import HostSet, is_service, read_hosts
from .requests import ask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests import PreparedRequest
    from responses import BaseResponse

    from pusher_mock.mock import PusherMock

__all__ = ["PusherRegistry", "registry"]


class PusherRegistry(FirstMatchRegistry):
    """A registry of ``responses`` in which calls of Pusher reach the current mock.

    ``@responses.activate(registry=PusherRegistry)``. What a test has registered for Pusher's hosts
    comes first. Calls are in ``responses.calls`` like all others.
    """

    mock: PusherMock | None = None
    hosts: HostSet = HostSet()

    def find(self, request: PreparedRequest) -> tuple[BaseResponse | None, list[str]]:
        """Find what answers a request."""
        found, reasons = super().find(request)
        parts = urlsplit(request.url or "")
        host, port = parts.hostname or "", parts.port
        if found is not None or not (is_service(host) or self.hosts.has(host, port)):
            return found, reasons
        core = self.mock.core if self.mock is not None else current()

        def say(asked: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            return respond(core, asked)

        made: Any = CallbackResponse(
            request.method or "GET", request.url or "", callback=say, content_type=None
        )
        return made, []


def registry(
    mock: PusherMock | None = None, *, hosts: str | Iterable[str] = ()
) -> type[PusherRegistry]:
    """A registry for a given mock, or for further hosts.

    Args:
        mock: the mock; without it the one that is current at a call.
        hosts: hosts that are Pusher's besides its own, such as ``localhost:6001``.

    Raises:
        UsageError: a host has a scheme or a path in it.
    """
    return type("PusherRegistry", (PusherRegistry,), {"mock": mock, "hosts": read_hosts(hosts)})


def respond(core: Core, request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
    """Answer a request in the words of a ``responses`` callback."""
    said = ask(core, request)
    return said.status, said.headers, b"" if request.method == "HEAD" else said.body
