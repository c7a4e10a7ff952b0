"""The other end of the server's tail: records as they come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .failures import Refused
from .remote import backend_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from .remote import Remote

__all__ = ["records_of"]

_CONNECT = 5.0  # seconds
_OK = 200


def records_of(remote: Remote) -> Generator[dict[str, Any], None, None]:
    """What happens at a server, until it ends.

    Raises:
        Refused: it said no, is not there, or is none that can tell.
    """
    from pusher.http import GET, Request
    from requests.exceptions import ChunkedEncodingError, RequestException

    from pusher_mock.server.tail import HEARTBEAT, PATH

    try:
        with remote.connected() as client:
            http = backend_of(client)
            request = Request(client, GET, PATH, {})
            with http.session.get(
                request.url,
                headers=request.headers,
                stream=True,
                # A line, empty if need be, is due at each heartbeat.
                timeout=(_CONNECT, 3 * HEARTBEAT),
                **http.options,
            ) as response:
                if response.status_code != _OK:
                    raise remote.refusal(response.status_code, response.text)
                for line in response.iter_lines(chunk_size=None):
                    if line:
                        yield _record(remote, line)
    except ChunkedEncodingError:
        return  # the server is gone in the middle of it
    except RequestException as error:
        raise remote.unreachable(error) from None


def _record(remote: Remote, line: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
        record["kind"]
    except (ValueError, TypeError, KeyError):
        raise Refused(f"{remote.shown} has no tail; is it `pusher-mock serve`?") from None
    return record
