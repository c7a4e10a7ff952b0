"""The callbacks that the state store binds: on connections of its own and on those of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.core import CallbackError, Core, Outbox
from pusher_mock.engine import Ping
from pusher_mock.protocol.frames import Frame, loads

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Listener", "decoded", "refusal"]

_ERROR = "pusher:error"


def decoded(raw: Any) -> Any:
    """Decode data from JSON as pusher-js does: a string that is not JSON stays what it is."""
    try:
        return loads(raw)
    except ValueError:
        return raw


def refusal(frame: Frame) -> str:
    """What the service refuses with this frame; empty when it refuses nothing."""
    if frame.event != _ERROR or not isinstance(frame.data, dict):
        return ""
    return str(frame.data["message"])


class Listener:
    """The store's callbacks on one connection, by channel and event.

    Args:
        core: the mock.
        inner: what the connection's own client does with an item; ``None`` for a connection that
            the store opened itself.

    Attributes:
        box: the connection's outbox, once it is there.
        refused: why the service did not take the connection.
    """

    def __init__(self, core: Core, inner: Callable[[Any], None] | None = None) -> None:
        self.box: Outbox | None = None
        self.refused = ""
        self._core = core
        self._inner = inner
        self._bindings: dict[tuple[str, str], list[Callable[[Any], object]]] = {}

    @classmethod
    def on(cls, core: Core, box: Outbox) -> Listener:
        """The listener of a connection, put in front of its client if there is none yet.

        The caller holds the mock's lock.
        """
        owner = getattr(box.sink, "__self__", None)
        if isinstance(owner, Listener):
            return owner
        listener = cls(core, box.sink)
        listener.box = box
        box.sink = listener.receive
        box.subscriber = None  # the client's own callbacks are its sink's business now
        return listener

    def bind(self, channel: str, event: str, callback: Callable[[Any], object]) -> None:
        """Call back with the decoded data of such events, after what was bound before."""
        self._bindings.setdefault((channel, event), []).append(callback)

    def receive(self, item: object) -> None:
        """Call what is bound; an error is recorded and the next callback runs."""
        if self._inner is not None:
            self._inner(item)
        elif isinstance(item, Ping):
            # Nobody else answers for a connection without a client.
            assert self.box is not None
            self._core.pong(self.box)
        if not isinstance(item, Frame):
            return
        if item.channel is None:
            self.refused = refusal(item)
            return
        for callback in tuple(self._bindings.get((item.channel, item.event), ())):
            try:
                callback(decoded(item.data))
            except Exception as error:
                assert self.box is not None
                self._core.record_error(
                    CallbackError(self.box.connection, item.channel, item.event, error)
                )

    def __repr__(self) -> str:
        name = self.box.connection if self.box is not None else "unopened"
        return f"<Listener {name} bindings={len(self._bindings)}>"
