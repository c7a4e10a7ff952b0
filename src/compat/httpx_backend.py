"""Back ends for ``pusher.Pusher`` on httpx, which the SDK does not bring: blocking, and awaited.

Upstream has one for requests and one for aiohttp, which opens a connection for each call and runs
on asyncio alone. Importing this module imports neither httpx nor the SDK; the first request does.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import finalize

from compat.loops import Kept, have_closed, keep, running_loop

if TYPE_CHECKING:
    from pusher.client import Client
    from pusher.http import Request

__all__ = ["AsyncHttpxBackend", "HttpxBackend"]

_LIBRARIES: Final = ("httpx", "httpx2")  # one interface, the first one found is used
_NOTE: Final = "pusher_mock_note"  # where the mock's httpx door leaves the reason of a refusal

# Everything that stands for itself in a query. What is signed is the text behind the escapes
# (facts 2.4.2), so the rest is escaped, and this goes out as it was signed.
_PLAIN: Final = "!$'()*,-./:;=?@_~"


class _Backend:
    """What both have in common.

    Attributes:
        client: The SDK's client.
        options: What the client of httpx is built with.
    """

    def __init__(self, client: Client, *, library: str | None = None, **options: Any) -> None:
        """Take a client; nothing is opened before the first request.

        Args:
            client: The SDK's client.
            library: ``"httpx"`` or ``"httpx2"``; by default the first one that is installed.
            **options: Parameters of the client of httpx, such as ``proxy``, ``http2``,
                ``verify`` or ``transport``; they beat what follows from the SDK's client.

        Raises:
            ImportError: The library is not installed.
        """
        self.client = client
        self.options = {"timeout": client.timeout, **options}
        self._library = _find_library(library)

    def _open(self, kind: str) -> Any:
        from importlib import import_module

        return getattr(import_module(self._library), kind)(**self.options)

    def __getstate__(self) -> dict[str, Any]:
        # Objects that hold a server are sent to workers; open connections stay behind.
        return {"client": self.client, "options": self.options, "_library": self._library}


class HttpxBackend(_Backend):
    """Sends requests with one ``httpx.Client``, whose connections are kept alive.

    ``pusher.Pusher(..., backend=HttpxBackend, http2=True)``. The SDK's ``timeout`` is that of
    httpx, for each step of a call. Certificates are checked as httpx does by default. Errors of
    the network are httpx's own; refusals are the SDK's errors.
    """

    def __init__(self, client: Client, *, library: str | None = None, **options: Any) -> None:
        """Take a client; nothing is opened before the first request.

        Args:
            client: The SDK's client.
            library: ``"httpx"`` or ``"httpx2"``; by default the first one that is installed.
            **options: Parameters of ``httpx.Client``, such as ``proxy``, ``http2``, ``verify`` or
                ``transport``.

        Raises:
            ImportError: The library is not installed.
        """
        super().__init__(client, library=library, **options)
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._opened: Any = None
        self._closing: finalize[..., Any] | None = None

    def send_request(self, request: Request) -> Any:
        """Send a request that the SDK has signed.

        Returns:
            The parsed body.

        Raises:
            PusherError: The service refuses it.
            httpx.HTTPError: The network fails.
        """
        return _read(self._client().request(**_words(request)))

    def close(self) -> None:
        """Close the connections; a later request opens new ones. Again is fine.

        It is also done when this object goes, and at the end of the process.
        """
        with self._lock:
            closing, self._closing, self._opened = self._closing, None, None
        if closing is not None:
            closing()

    def _client(self) -> Any:
        opened = self._opened
        if opened is None:
            with self._lock:
                opened = self._opened
                if opened is None:
                    opened = self._opened = self._open("Client")
                    self._closing = finalize(self, opened.close)
        return opened

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()


class AsyncHttpxBackend(_Backend):
    """The same for code that awaits, with an ``httpx.AsyncClient``, under asyncio and trio.

    ``pusher.Pusher(..., backend=AsyncHttpxBackend)``; nothing is sent before a call is awaited.
    Each event loop has a client of its own, made by its first request and closed by the end of
    the loop, so one server may serve several loops, one after the other or at once.
    """

    def __init__(self, client: Client, *, library: str | None = None, **options: Any) -> None:
        """Take a client; nothing is opened before the first request.

        Args:
            client: The SDK's client.
            library: ``"httpx"`` or ``"httpx2"``; by default the first one that is installed.
            **options: Parameters of ``httpx.AsyncClient``. A ``transport`` is shared by all event
                loops, and is closed with the first one that ends.

        Raises:
            ImportError: The library is not installed.
        """
        super().__init__(client, library=library, **options)
        self._clients: dict[object, Kept] = {}

    async def send_request(self, request: Request) -> Any:
        """Send a request that the SDK has signed.

        Returns:
            The parsed body.

        Raises:
            PusherError: The service refuses it.
            httpx.HTTPError: The network fails.
        """
        client = await self._client_here()
        return _read(await client.request(**_words(request)))

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later request opens new ones."""
        kept = self._clients.pop(running_loop(), None)
        if kept is not None:
            kept.dropped.detach()
            await kept.keeper.aclose()

    async def _client_here(self) -> Any:
        """The client of the running event loop."""
        loop = running_loop()
        kept = self._clients.get(loop)
        if kept is None or kept.client.is_closed:
            import anyio.to_thread

            # Importing httpx and reading certificates would stop the loop for a while.
            made = await anyio.to_thread.run_sync(self._open, "AsyncClient")
            kept = self._clients.get(loop)
            if kept is None or kept.client.is_closed:  # no other task was quicker
                self._forget_the_dead()
                keeper = keep(made)
                dropped = finalize(self, have_closed, loop, keeper)
                dropped.atexit = False
                kept = self._clients[loop] = Kept(made, keeper, dropped)
                await anext(keeper)  # does not wait: it only makes the loop know the generator
        return kept.client

    def _forget_the_dead(self) -> None:
        for loop, kept in [*self._clients.items()]:
            # A loop that was not ended properly has not closed its client, and no other one can.
            if kept.client.is_closed or (hasattr(loop, "is_closed") and loop.is_closed()):
                kept.dropped.detach()
                self._clients.pop(loop, None)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._clients = {}


def _find_library(asked: str | None) -> str:
    from importlib.util import find_spec

    for name in _LIBRARIES if asked is None else (asked,):
        if name in sys.modules or find_spec(name) is not None:
            return name
    wanted = " or ".join(_LIBRARIES) if asked is None else asked
    raise ImportError(
        f"the back end needs {wanted}, which is not installed: pip install {asked or _LIBRARIES[0]}"
    )


def _words(request: Request) -> dict[str, Any]:
    """A signed request in the words of httpx, in one piece: its own ``params`` would sort anew."""
    from urllib.parse import quote

    pairs = sorted(request.query_params.items())
    query = "&".join(f"{name}={quote(value, safe=_PLAIN)}" for name, value in pairs)
    return {
        "method": request.method,
        "url": f"{request.base_url}{request.path}?{query}",
        "headers": request.headers,
        "content": request.body,
    }


def _read(response: Any) -> Any:
    """The parsed body of an answer, or the SDK's error."""
    from pusher.errors import PusherError
    from pusher.http import process_response

    try:
        return process_response(response.status_code, response.text)
    except PusherError as error:
        note = response.extensions.get(_NOTE)
        if note:
            error.add_note(note.decode())
        raise
