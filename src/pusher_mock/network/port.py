"""What the network asks of the core that it belongs to."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Port"]


class Port(Protocol):
    """What the network asks of the core."""

    lock: Any

    def find_connection(self, connection: str) -> tuple[str, str | None, float]:
        """The socket id, the app's id and the opening of a connection; under the lock."""
        ...

    def find_app(self, name: str | None, key: str | None = None) -> str | None:
        """The id of the app that has this key, id or alias; under the lock."""
        ...

    def may_have(self, app: str | None) -> bool:
        """Whether there is an app of this id, or may be one day; under the lock."""
        ...

    def catch_up(self) -> None:
        """Run what is due at once; without the lock."""
        ...

    def open_connections(self) -> list[tuple[str, str]]:
        """The ids and socket ids of the open connections."""
        ...

    def cut(self, connection: str) -> None:
        """End a connection without a word; without the lock."""
        ...

    def end_connection(self, connection: str, code: int, reason: str) -> None:
        """Close a connection as the service does; without the lock."""
        ...

    def inject(self, text: str) -> None:
        """Note a command in the journal; without the lock."""
        ...

    def arrive(self, due: float) -> None:
        """Deliver what has come due; without the lock."""
        ...

    def aftermath(self) -> None:
        """Do what the network has left to be done; without the lock."""
        ...
