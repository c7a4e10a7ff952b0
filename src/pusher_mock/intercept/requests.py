"""The door of requests: its HTTP adapter, above urllib3."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pusher_mock.core import Core
from pusher_mock.protocol.errors import Unreachable

from .exchange import Answer, answer, key_of, reason
from .hosts import port_of
from .routing import Forward, find
from .seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response

__all__ = ["SEAMS", "ask", "read_body", "respond"]

_DOOR = "requests"


def read_body(request: PreparedRequest) -> bytes:
    """The body of a prepared request, in whatever form it is."""
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        read = body.read()
        return read.encode() if isinstance(read, str) else bytes(read)
    return b"".join(part.encode() if isinstance(part, str) else part for part in body)


def ask(core: Core, request: PreparedRequest) -> Answer:
    """Have a mock answer a prepared request; raises what ``respond`` does."""
    try:
        return answer(core, request.method or "GET", request.path_url, read_body(request))
    except Unreachable as error:
        from pusher_mock.doubles.outages import outage

        raise outage(error, "requests", request) from None


def respond(adapter: Any, core: Core, request: PreparedRequest, stream: bool) -> Response:
    """Answer a prepared request.

    Args:
        adapter: an ``HTTPAdapter``, which makes the response.
        core: the mock.
        request: as requests prepared it.
        stream: whether the body is left for the caller to read.

    Raises:
        requests.exceptions.RequestException: the network of the mock has come between.
    """
    from urllib3 import HTTPResponse

    said = ask(core, request)
    raw = HTTPResponse(
        body=BytesIO(b"" if request.method == "HEAD" else said.body),
        headers={**said.headers, "Content-Length": str(len(said.body))},
        status=said.status,
        reason=reason(said.status),
        preload_content=False,
        request_method=request.method,
    )
    response: Response = adapter.build_response(request, raw)
    if not stream:
        response.content  # noqa: B018 - reads it, as requests does
    if said.note:
        response.pusher_mock_note = said.note  # type: ignore[attr-defined]
    return response


def _send(original: Callable[..., Any]) -> Callable[..., Any]:
    def send(
        self: Any, request: PreparedRequest, stream: bool = False, *args: Any, **kwargs: Any
    ) -> Any:
        parts = urlsplit(request.url or "")
        try:
            port = port_of(parts.scheme, parts.port)
        except ValueError:
            port = None
        host = parts.hostname or ""
        target = request.path_url
        call = f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}"
        found = find(_DOOR, host, port, key_of(target), call)
        if found is None:
            return original(self, request, stream, *args, **kwargs)
        if isinstance(found, Core):
            return respond(self, found, request, stream)
        response = original(self, _elsewhere(request, found), stream, *args, **kwargs)
        response.url, response.request = request.url, request
        return response

    return send


def _elsewhere(request: PreparedRequest, forward: Forward) -> PreparedRequest:
    """The same request for a local server."""
    copy = request.copy()
    copy.url = f"{forward.url}{request.path_url}"
    copy.headers["Host"] = forward.netloc
    return copy


SEAMS = (Seam("requests.adapters", "HTTPAdapter.send", _send),)
