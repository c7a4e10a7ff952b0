"""Showing the command's server whose signatures it will see.

An application nobody edits brings credentials of its own, often as literals. In memory the mock
learns them from the SDK's objects; a server sees signatures only, so it is told.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pusher_mock.intercept.imports import ImportWatch
from pusher_mock.intercept.seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATH", "TOKEN", "introduce_to"]

PATH = "/pusher-mock/credentials"
TOKEN = "X-Pusher-Mock-Token"

_MODULE = "pusher.client"
_TIMEOUT = 5.0  # seconds


def introduce_to(url: str, token: str) -> None:
    """Tell a server the credentials of every SDK client that is built from now on.

    Args:
        url: where it is.
        token: proves that this process belongs to its command.
    """
    told: set[tuple[str, str, str]] = set()
    guard = Lock()

    def introduce(original: Callable[..., Any]) -> Callable[..., Any]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            seen = (self.app_id, self.key, self.secret)
            with guard:  # a client that is built twice is told once, and before it is used
                if seen not in told:
                    _tell(url, token, seen)
                    told.add(seen)

        return __init__

    seam = Seam(_MODULE, "Client.__init__", introduce, tolerant=True)

    def imported(module: str) -> None:
        watch.stop()
        seam.install()

    watch = ImportWatch(imported)
    if _MODULE in sys.modules:
        seam.install()
    else:
        watch.start([_MODULE])


def _tell(url: str, token: str, seen: tuple[str, str, str]) -> None:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT)
    # When the server has gone the application finds out as it calls, in words that it knows.
    with suppress(OSError, HTTPException):
        try:
            connection.request("POST", PATH, json.dumps(seen), {TOKEN: token})
            connection.getresponse().read()
        finally:
            connection.close()
