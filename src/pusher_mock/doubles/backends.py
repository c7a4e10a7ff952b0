"""Back ends for ``pusher.Pusher`` that hand the built and signed request to a mock."""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, cast

from pusher.errors import PusherError
from pusher.http import Request, process_response

from pusher_mock.core import Core, current
from pusher_mock.engine import HttpRequested
from pusher_mock.protocol.errors import NotSupported, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher.client import Client

__all__ = ["AsyncMemoryBackend", "MemoryBackend", "answer", "backend_for"]


def answer(core: Core, client: Client, request: Request) -> Any:
    """Answer a request that the SDK has built and signed, as one of its own back ends does.

    Args:
        core: the mock.
        client: the SDK's client, whose credentials an open registry learns.
        request: its request.

    Raises:
        PusherError: with a note that explains a refusal where the mock knows why.
        Unreachable: the network has come between.
        UsageError: the mock is closed.
    """
    core.learn(client.app_id, client.key, client.secret)
    path, query = request.path, tuple(request.query_params.items())
    if "#" in path:
        # In a URL everything behind "#" is a fragment, and no HTTP library sends that.
        path, query = path.partition("#")[0], ()
    said = core.request(HttpRequested(request.method, path, query, request.body))
    if said.body == "{}":
        return {}  # what json.loads would make of it, at a thirtieth of the price
    try:
        return process_response(said.status, said.body)
    except PusherError as error:
        if said.note:
            error.add_note(said.note)
        raise


class MemoryBackend:
    """Answers requests from the mock's engine, in this process.

    Args:
        client: the SDK's client, whose credentials an open registry learns.
        core: the mock; ``None`` looks the current one up at every request.
        instead_of: the back end that was asked for; it must take the same options.
        **options: accepted and ignored: they are for a real HTTP library.

    Raises:
        TypeError: the back end that was asked for does not take these options.
    """

    def __init__(
        self,
        client: Client,
        *,
        core: Core | None = None,
        instead_of: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        if instead_of is not None:
            try:
                signature(instead_of).bind(client, **options)
            except TypeError as error:
                # facts 5.1.6: AsyncIOBackend takes no options
                name = getattr(instead_of, "__qualname__", repr(instead_of))
                called = f"{name}.__init__" if isinstance(instead_of, type) else name
                raise TypeError(f"{called}() {error}") from None
        self.client = client
        self.core = core
        self.instead_of = instead_of
        self._library = options.get("library")

    def mock_core(self) -> Core:
        """The mock that a request would reach now."""
        return self.core or current()

    def send_request(self, request: Request) -> Any:
        """Answer with the parsed body, or raise the SDK's error, exactly as its back ends do.

        Raises:
            PusherError: with a note that explains a refusal where the mock knows why.
            Exception: where the network has come between, what the library of the back end that
                was asked for raises.
        """
        try:
            return answer(self.core or current(), self.client, request)
        except Unreachable as error:
            from .outages import library_of, outage

            raise outage(error, library_of(self.instead_of, self._library)) from None


class AsyncMemoryBackend(MemoryBackend):
    """The same for code that awaits, as with ``pusher.aiohttp.AsyncIOBackend``."""

    async def send_request(self, request: Request) -> Any:
        """Answer as ``MemoryBackend`` does; nothing is sent before it is awaited."""
        return super().send_request(request)


def backend_for(asked: Callable[..., Any] | None) -> type[MemoryBackend]:
    """Return the in-memory back end that answers in the way of the one that was asked for.

    Args:
        asked: a back end's class, as in the SDK. ``AsyncMemoryBackend`` itself may be asked for
            where a factory does not tell what it makes.

    Raises:
        NotSupported: it answers with something that is neither a value nor a coroutine.
    """
    while isinstance(asked, partial):
        asked = asked.func
    if asked is None:
        return MemoryBackend
    kinds = asked.__mro__ if isinstance(asked, type) else ()
    # What cannot be called is left to the SDK, whose error comes after those of other arguments.
    if MemoryBackend in kinds or not callable(asked):
        return cast("type[MemoryBackend]", asked)
    if any(kind.__module__ == "pusher.tornado" for kind in kinds):
        raise NotSupported(
            "the double does not answer with Tornado futures; "
            "use backend=pusher.aiohttp.AsyncIOBackend, whose calls are awaited alike"
        )
    send_request = getattr(asked, "send_request", None)
    return AsyncMemoryBackend if iscoroutinefunction(send_request) else MemoryBackend
