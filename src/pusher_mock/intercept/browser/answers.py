"""What a page's HTTP request to Pusher gets: pusher-js, a nod to its statistics, or a refusal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

__all__ = ["Refusal", "answer", "refusal"]

_CDN = "js.pusher.com"
_STATS = "stats.pusher.com"

# facts 4.3: https://js.pusher.com/8.6.0/sockjs.min.js, and the builds themselves likewise; Beams
# has a path of one more part.
_BUILD = re.compile(r"/[^/]+/([\w.-]+\.js)\Z")
_JSONP = re.compile(r"/timeline/v2/jsonp/(\d+)\Z")  # facts 4.4.2
_FALLBACK = re.compile(
    r"/pusher/(?:app/([^/]+)/.*|info|iframe[^/]*|\d+/\w+/\w+)\Z"
)  # facts 4.2, 4.3

_ANYBODY = {"Access-Control-Allow-Origin": "*"}


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        remedy: what to do, for the text of an error.
        fallback: whether it belongs to a transport that pusher-js tries beside the WebSocket.
        key: the app's, if it is in there.
    """

    remedy: str
    fallback: bool = False
    key: str | None = None


def answer(url: SplitResult, builds: Path | None) -> dict[str, Any] | None:
    """What Playwright is to answer with, or ``None`` if nothing is answered here.

    Args:
        url: of the request.
        builds: the folder that pusher-js is in.
    """
    if url.hostname == _CDN:
        build = _BUILD.match(url.path)
        if build is None or builds is None or not (builds / build[1]).is_file():
            return None
        return {"path": builds / build[1], "headers": _ANYBODY}
    if url.hostname == _STATS:
        receiver = _JSONP.match(url.path)
        if receiver is None:
            return {"body": "{}", "content_type": "application/json", "headers": _ANYBODY}
        script = f"Pusher.ScriptReceivers[{receiver[1]}](null,{{}});"
        return {"body": script, "content_type": "application/javascript"}
    return None


def refusal(url: SplitResult, builds: Path | None) -> Refusal:
    """Why that is."""
    host = url.hostname or ""
    if host == _CDN and builds is not None:
        return Refusal(
            f"{builds} has no such file (Beams is none of Channels' builds); answer it by a route "
            "of your own that comes after install()"
        )
    if host == _CDN:
        return Refusal("install() was told script=False; leave that out to have it answered")
    fallback = _FALLBACK.match(url.path)
    if fallback is not None:
        return Refusal(
            "in a page WebSockets are answered, the transports that stand in for them are not; "
            "leave 'ws' among enabledTransports, or connect to mock.serve() with the options of "
            "compat.frontend_config()",
            fallback=True,
            key=fallback[1],
        )
    if host.startswith("api"):
        return Refusal(
            "the HTTP API is for servers: a page has no secret to sign with; publish where the "
            "secret is, or have the page trigger client events"
        )
    return Refusal("no part of Channels that a page uses is there")
