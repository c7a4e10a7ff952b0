"""A mock in another process: the one behind ``PUSHER_MOCK_URL``.

Publishing and asking about channels is what the SDK is for. This is for what Pusher itself does
not tell: what was published, the whole state, and a way to forget it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from pusher_mock.protocol.errors import PusherMockError, UsageError

if TYPE_CHECKING:
    from pydantic import SecretStr

__all__ = ["RemoteError", "RemoteMock"]

_TIMEOUT = 5.0  # seconds
_OK = 200
_SHOWN = 200  # characters of an answer


class RemoteError(PusherMockError):
    """The server did not answer, or refused; the text says which, and what to do."""


class _Settings(Protocol):
    app_id: str
    key: str
    secret: SecretStr
    mock_url: str | None


class RemoteMock:
    """Asks a running ``pusher-mock serve``, or ``PusherMock.serve()``.

    Args:
        url: where it is, ``http(s)://HOST[:PORT]``.
        key: of one of its apps.
        secret: that app's.
    """

    def __init__(self, url: str, key: str, secret: str) -> None:
        self.url = url.strip().rstrip("/")
        self.key = key
        self._secret = secret

    @classmethod
    def from_settings(cls, settings: _Settings) -> RemoteMock:
        """The server that ``compat.get_pusher_settings()`` speaks of.

        Raises:
            UsageError: the settings are not those of server mode.
        """
        if settings.mock_url is None:
            raise UsageError(
                "no local server is in use: mocks are off, in memory, or PUSHER_MOCK_URL is unset"
            )
        return cls(settings.mock_url, settings.key, settings.secret.get_secret_value())

    def events(self, channel: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """The last events of the app, newest first.

        Args:
            channel: only this channel's.
            limit: how many at most.

        Returns:
            For each ``channel``, ``event``, ``data`` (the text that was published), ``time``
            (seconds since the epoch), ``socket_id``, ``user_id``, and whether a ``client`` sent
            it.

        Raises:
            RemoteError: the server did not answer, or refused.
        """
        asked = {"limit": str(limit)}
        if channel is not None:
            asked["channel"] = channel
        found: list[dict[str, Any]] = self._ask("GET", "/pusher-mock/events", asked)
        return found

    def get_state(self) -> dict[str, Any]:
        """Connections, channels and their messages, as ``pusher_mock_state.get_state()``.

        Raises:
            RemoteError: the server did not answer, or refused.
        """
        found: dict[str, Any] = self._ask("GET", "/pusher-mock/state", {})
        return found

    def reset(self) -> None:
        """Have it forget everything; its clients are told to connect again.

        Raises:
            RemoteError: the server did not answer, or refused.
        """
        self._ask("POST", "/pusher-mock/reset", {})

    def _ask(self, method: str, path: str, asked: dict[str, str]) -> Any:
        import requests  # what the SDK sends with

        query = {
            **asked,
            "auth_key": self.key,
            "auth_timestamp": str(int(time.time())),
            "auth_version": "1.0",
        }
        # facts 2.4: sorted, and not escaped
        signed = "&".join(f"{name}={query[name]}" for name in sorted(query))
        text = f"{method}\n{path}\n{signed}"
        query["auth_signature"] = hmac.new(
            self._secret.encode(), text.encode(), hashlib.sha256
        ).hexdigest()
        url = f"{self.url}{path}"
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    method, f"{url}?{urlencode(query)}", timeout=_TIMEOUT, allow_redirects=False
                )
        except (requests.RequestException, ValueError) as error:
            raise RemoteError(
                f"no server answers at {self.url} ({type(error).__name__}); start one with "
                "`pusher-mock serve`, or mend PUSHER_MOCK_URL"
            ) from error
        if answer.status_code != _OK:
            said = answer.text.strip()[:_SHOWN]
            raise RemoteError(f"{url} refused with {answer.status_code}: {said}")
        try:
            return answer.json()
        except ValueError as error:
            raise RemoteError(f"{url} is no pusher-mock: it did not answer with JSON") from error

    def __repr__(self) -> str:
        return f"<RemoteMock {self.url} key={self.key}>"
