"""Back ends for ``pusher.Pusher`` that hand the built and signed request to a mock."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from pusher.errors import PusherError
from pusher.http import Request, process_response

from pusher_mock.core import Core, current
from pusher_mock.engine import HttpRequested
from pusher_mock.protocol.errors import NotSupported

if TYPE_CHECKING:
    from pusher.client import Client

__all__ = ["AsyncMemoryBackend", "MemoryBackend", "backend_for"]


class MemoryBackend:
    """Answers requests from the mock's engine, in this process.

    Args:
        client: the SDK's client, whose credentials an open registry learns.
        core: the mock; ``None`` looks the current one up at every request.
        **options: accepted and ignored: they are for a real HTTP library.
    """

    def __init__(self, client: Client, *, core: Core | None = None, **options: Any) -> None:
        self.client = client
        self.core = core

    def mock_core(self) -> Core:
        """The mock that a request would reach now."""
        return self.core or current()

    def send_request(self, request: Request) -> Any:
        """Answer with the parsed body, or raise the SDK's error, exactly as its back ends do.

        Raises:
            PusherError: with a note that explains a refusal where the mock knows why.
        """
        core = self.core or current()
        client = self.client
        core.learn(client.app_id, client.key, client.secret)
        path, query = request.path, tuple(request.query_params.items())
        if "#" in path:
            # In a URL everything behind "#" is a fragment, and no HTTP library sends that.
            path, query = path.partition("#")[0], ()
        answer = core.request(HttpRequested(request.method, path, query, request.body))
        if answer.body == "{}":
            return {}  # what json.loads would make of it, at a thirtieth of the price
        try:
            return process_response(answer.status, answer.body)
        except PusherError as error:
            if answer.note:
                error.add_note(answer.note)
            raise


class AsyncMemoryBackend(MemoryBackend):
    """The same for code that awaits, as with ``pusher.aiohttp.AsyncIOBackend``."""

    async def send_request(self, request: Request) -> Any:
        """Answer as ``MemoryBackend`` does; nothing is sent before it is awaited."""
        return super().send_request(request)


def backend_for(asked: type | None) -> type[MemoryBackend]:
    """Return the in-memory back end that answers in the way of the one that was asked for.

    Raises:
        NotSupported: it answers with something that is neither a value nor a coroutine.
    """
    if asked is None:
        return MemoryBackend
    if issubclass(asked, MemoryBackend):
        return asked
    if asked.__module__ == "pusher.tornado":
        raise NotSupported(
            "the double does not answer with Tornado futures; "
            "use backend=pusher.aiohttp.AsyncIOBackend, whose calls are awaited alike"
        )
    send_request = getattr(asked, "send_request", None)
    return AsyncMemoryBackend if iscoroutinefunction(send_request) else MemoryBackend
