"""The server that a command asks: its address, the credentials, and what can go wrong."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pusher_mock.core.loopback import is_loopback
from pusher_mock.protocol.errors import UsageError

from .failures import Refused
from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from urllib.parse import SplitResult

    from pusher.pusher_client import PusherClient
    from pusher.requests import RequestsBackend

__all__ = ["Remote", "backend_of"]

_TIMEOUT = 5.0  # seconds, the SDK's own (facts 5.1)
_SHOWN = 500  # characters of an answer
_STATUSES = {"PusherBadRequest": 400, "PusherBadAuth": 401, "PusherForbidden": 403}


@dataclass(frozen=True)
class Remote:
    """A server and an app of it.

    Attributes:
        url: where the server is, without a path.
        app_id: digits, as the SDK wants them.
        key: the app's key.
        secret: its secret.
        cafile: whom to trust for TLS, in place of those that the SDK trusts.
    """

    url: SplitResult
    app_id: str
    key: str
    secret: str = field(repr=False)
    cafile: str | None = None

    @property
    def shown(self) -> str:
        """The address for messages."""
        return self.url.geturl()

    @contextmanager
    def connected(self, **options: Any) -> Iterator[PusherClient]:
        """The real SDK for this app, until the block ends.

        Args:
            **options: further parameters of ``pusher.Pusher``.
        """
        from pusher.pusher_client import PusherClient

        host = self.url.hostname or ""
        client = PusherClient(
            self.app_id,
            self.key,
            self.secret,
            ssl=self.url.scheme == "https",
            host=f"[{host}]" if ":" in host else host,
            port=self.url.port,
            timeout=_TIMEOUT,
            **options,
        )
        http = backend_of(client)
        if self.cafile is not None:
            http.options["verify"] = self.cafile
        with http.session as session:
            session.trust_env = not is_loopback(host)  # no proxy leads to this machine
            yield client

    def ask(self, call: Callable[[PusherClient], Any], **options: Any) -> Any:
        """Make a call of the SDK; what it raises becomes a line.

        Args:
            call: makes it.
            **options: further parameters of ``pusher.Pusher``.

        Returns:
            The server's answer.

        Raises:
            Refused: the server said no, or is not there.
            UsageError: the SDK would not even ask.
        """
        from pusher.errors import PusherError
        from requests.exceptions import RequestException

        try:
            with self.connected(**options) as client:
                return call(client)
        except PusherError as error:
            status, text = _STATUSES.get(type(error).__name__), str(error)
            if status is None:  # the SDK has it in the text alone
                number, _, text = text.partition(": ")
                status = int(number)
            raise self.refusal(status, text) from None
        except RequestException as error:
            raise self.unreachable(error) from None
        except json.JSONDecodeError:
            raise Refused(
                f"{self.shown} answered with something that is no JSON; is it a Pusher server?"
            ) from None
        except (TypeError, ValueError) as error:
            raise UsageError(str(error)) from None

    def refusal(self, status: int, text: str) -> Refused:
        """What to say when the server said no."""
        text = plain(text.strip())
        if len(text) > _SHOWN:
            text = f"{text[:_SHOWN]}…"
        return Refused(f"{self.shown} says no (status {status}): {text}")

    def unreachable(self, error: Exception) -> Refused:
        """What to say when there was no answer."""
        from requests.exceptions import ConnectionError as NoConnection
        from requests.exceptions import ReadTimeout, SSLError

        if isinstance(error, SSLError):
            return Refused(
                f"no secure connection to {self.shown}: {_reason(error)}; name whom to trust with "
                "--cafile (`pusher-mock serve --self-signed` says where that file is)"
            )
        if isinstance(error, ReadTimeout):
            return Refused(f"{self.shown} does not answer within {_TIMEOUT:g} s")
        if isinstance(error, NoConnection):
            return Refused(
                f"no server at {self.shown}; start one with `pusher-mock serve`, or name it with "
                "--url or PUSHER_MOCK_URL"
            )
        return Refused(f"cannot ask {self.shown}: {_reason(error)}")


def backend_of(client: PusherClient) -> RequestsBackend:
    """What the SDK asks with."""
    from pusher.requests import RequestsBackend

    assert isinstance(client.http, RequestsBackend)
    return client.http


def _reason(error: Exception) -> str:
    """The innermost reason; requests wraps it several times, in text."""
    reason: Any = error
    while reason.args and isinstance(reason.args[0], Exception):
        reason = reason.args[0]
    reason = getattr(reason, "reason", None) or reason
    return plain(str(reason))
