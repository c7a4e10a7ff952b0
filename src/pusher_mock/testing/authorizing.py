"""What an asynchronous subscriber sends along to join a channel: signed here, or asked for."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.errors import ProtocolViolation, Unreachable, UsageError
from pusher_mock.protocol.frames import dumps
from pusher_mock.protocol.names import channel_kind
from pusher_mock.protocol.signatures import channel_text, sign, user_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from pusher_mock.core import Core

    Authorizer = Callable[[str, str], Any | Awaitable[Any]]

__all__ = ["Signer"]


class Signer:
    """Authorizes the subscriptions of one client.

    Args:
        core: the mock, whose network may fail an authorization, whoever signs.
        key: the app's.
        secret: the app's.
        user_data: the member as whom presence channels are joined.
        authorizer: asked instead of signing.
    """

    def __init__(
        self,
        core: Core,
        key: str,
        secret: str,
        user_data: Mapping[str, Any] | None,
        authorizer: Authorizer | None,
    ) -> None:
        self.key = key
        self._core = core
        self._secret = secret
        self._user_data = user_data
        self._authorizer = authorizer

    async def channel(
        self, name: str, socket_id: str, user_data: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """What a subscription is authorized with; nothing for a public channel.

        Args:
            name: the channel's.
            socket_id: the connection's.
            user_data: the member, if it is another one than the client's.

        Raises:
            ProtocolViolation: the network of the mock says that an endpoint has answered with an
                error; ``status`` has it.
            Unreachable: it says that there was no answer.
            UsageError: nobody says who the member is, or the authorizer's answer is none.
        """
        kind = channel_kind(name)
        if not kind.private or kind.user:
            return {}
        if not self._core.network.calm:
            self._fail(name, socket_id)
        if self._authorizer is not None:
            answer = self._authorizer(name, socket_id)
            return _read(name, await answer if isawaitable(answer) else answer)
        if not kind.presence:
            return {"auth": self._sign(channel_text(socket_id, name))}
        member = self._user_data if user_data is None else user_data
        if member is None:
            raise UsageError(
                f"{name} is a presence channel: say who joins it with "
                "user_data={'user_id': ...}, or with an authorizer"
            )
        text = dumps(dict(member))
        return {"auth": self._sign(channel_text(socket_id, name, text)), "channel_data": text}

    def _fail(self, name: str, socket_id: str) -> None:
        from pusher_mock.doubles.outages import authorization_failure

        failure = authorization_failure(self._core, self.key, name, socket_id)
        if failure is None:
            return
        if failure.kind != "answer":
            raise Unreachable(failure.kind, f"the network has failed the authorization of {name}")
        raise ProtocolViolation(
            f"Unable to authorize {name}: status {failure.status}",
            status=failure.status,
            hint="the network of the mock has answered instead of the endpoint",
        )

    def user(self, socket_id: str, user_data: Mapping[str, Any]) -> dict[str, Any]:
        """What a user signs in with."""
        text = dumps(dict(user_data))
        return {"auth": self._sign(user_text(socket_id, text)), "user_data": text}

    def _sign(self, text: str) -> str:
        return f"{self.key}:{sign(self._secret, text)}"


def _read(name: str, answer: Any) -> Mapping[str, Any]:
    """What an authorizer said, as the service takes it: further keys are the client's business."""
    if isinstance(answer, str):
        return {"auth": answer}
    if not isinstance(answer, dict) or "auth" not in answer:
        raise UsageError(
            f"the authorizer returned {answer!r} for {name}; return what "
            "server.authenticate(channel, socket_id) returns, or raise an error to refuse"
        )
    return {key: answer[key] for key in ("auth", "channel_data") if key in answer}
