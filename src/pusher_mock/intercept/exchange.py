"""One call of the HTTP API, in whatever library's words: to the engine and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from pusher_mock.engine import HttpRequested

if TYPE_CHECKING:
    from pusher_mock.core import Core

__all__ = ["Answer", "answer", "key_of", "reason"]

_ERRORS = 400


class Answer(NamedTuple):
    """What the mock says.

    Attributes:
        status: the HTTP status.
        headers: the answer's headers; the length is not among them.
        body: as it is on the wire.
        note: why a call was refused, where the mock knows; for the application's author.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    note: str


def answer(core: Core, method: str, target: bytes | str, body: bytes) -> Answer:
    """Answer a call.

    Args:
        core: the mock.
        method: as in the request line.
        target: path and query, percent-encoded as they are on the wire.
        body: the raw body.

    Raises:
        Unreachable: the network of the mock has come between.
        UsageError: the mock is closed.
    """
    text = target.decode("latin-1") if isinstance(target, bytes) else target
    path, _, query = text.partition("?")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    said = core.request(HttpRequested(method.upper(), path or "/", pairs, body))
    kind = "application/json" if said.status < _ERRORS else "text/plain; charset=utf-8"
    headers = {"Content-Type": kind}
    if said.allow:
        headers["Allow"] = said.allow
    return Answer(said.status, headers, said.body.encode("utf-8", "surrogatepass"), said.note)


def key_of(target: bytes | str) -> str | None:
    """The app's key in a request's target: of the HTTP API, or of a connection."""
    text = target.decode("latin-1") if isinstance(target, bytes) else target
    path, _, query = text.partition("?")
    if path.startswith("/app/"):
        return path.split("/")[2] or None
    return dict(parse_qsl(query)).get("auth_key")


def reason(status: int) -> str:
    """The words that come with a status."""
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
