"""What `get_async_pusher_server()` returns, for type checkers: the SDK's calls, awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["AsyncPusher"]


class AsyncPusher(Protocol):
    """A ``pusher.Pusher`` whose calls of the HTTP API are awaited; signing is not.

    Parameters, results and errors are the SDK's. A type checker sees a call that nobody awaits.
    """

    async def trigger(
        self,
        channels: str | Collection[str | bytes],
        event_name: str | bytes,
        data: object,
        socket_id: str | bytes | None = None,
    ) -> dict[str, Any]:
        """Publish an event on up to a hundred channels."""
        ...

    async def trigger_batch(
        self, batch: Sequence[dict[str, Any]] = ..., already_encoded: bool = False
    ) -> dict[str, Any]:
        """Publish up to ten events at once."""
        ...

    async def send_to_user(
        self, user_id: str | bytes, event_name: str | bytes, data: object
    ) -> dict[str, Any]:
        """Publish an event to a user who has signed in."""
        ...

    async def channels_info(
        self, prefix_filter: str | bytes | None = None, attributes: Iterable[str] = ...
    ) -> dict[str, Any]:
        """Ask for the occupied channels."""
        ...

    async def channel_info(
        self, channel: str | bytes, attributes: Iterable[str] = ...
    ) -> dict[str, Any]:
        """Ask for one channel."""
        ...

    async def users_info(self, channel: str | bytes) -> dict[str, Any]:
        """Ask who is on a presence channel."""
        ...

    async def terminate_user_connections(self, user_id: str | bytes) -> dict[str, Any]:
        """Close every connection of a user."""
        ...

    def authenticate(
        self,
        channel: str | bytes,
        socket_id: str | bytes,
        custom_data: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Sign a subscription, here and now."""
        ...

    def authenticate_user(
        self, socket_id: str | bytes, user_data: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Sign a user's data, here and now."""
        ...

    def validate_webhook(
        self, key: str | bytes, signature: str | bytes, body: str | bytes
    ) -> dict[str, Any] | None:
        """Check a webhook and decode it, here and now."""
        ...
