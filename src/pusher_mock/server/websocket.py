"""The WebSocket door for any ASGI server (facts 1.1, 1.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes

from .lines import QueueLine
from .targets import target_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .gateway import Gateway

__all__ = ["TOO_BIG", "websocket"]

TOO_BIG = "Message too big"
_SERVERS = frozenset({"uvicorn", "hypercorn", "websockets", "wsproto"})


async def websocket(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket.

    It is accepted whatever it asks for: a refusal is an event and a close code, because a client
    that gets an HTTP error tries for ever (facts 1.1.7).
    """
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    line = QueueLine(gateway)
    box = None
    try:
        async with anyio.create_task_group() as tasks:
            line.scope = tasks.cancel_scope
            # ASGI has no message for pings, so `pusher:ping` asks (facts 1.12.2).
            line.box = box = gateway.accept(
                target_of(scope), line, tls=scope.get("scheme") == "wss", native_ping=False
            )
            tasks.start_soon(_send, line, send)
            await _receive(gateway, line, receive)
            tasks.cancel_scope.cancel()
    finally:
        line.closing = True
        if box is not None:
            gateway.lost(box)


async def _send(line: QueueLine, send: Send) -> None:
    """Send what the line is given, until it is closed or the client is gone."""
    while True:
        item = await line.next()
        if item.__class__ is CloseConnection:
            message = {"type": "websocket.close", "code": item.code, "reason": item.reason}
            await _sent(send, message)
            return
        if not await _sent(send, {"type": "websocket.send", "text": item.text}):
            return


async def _sent(send: Send, message: dict[str, Any]) -> bool:
    """Send it; returns whether the client was still there."""
    try:
        await send(message)
    except Exception as error:
        # Servers differ in what they raise when the client has gone.
        gone = isinstance(error, OSError | RuntimeError)
        if not gone and type(error).__module__.partition(".")[0] not in _SERVERS:
            raise
        return False
    return True


async def _receive(gateway: Gateway, line: QueueLine, receive: Receive) -> None:
    """Hear what the client says until it is gone."""
    while True:
        message = await receive()
        if message["type"] != "websocket.receive":
            return
        text = message.get("text")
        given = message.get("bytes") if text is None else text
        if line.box is None or line.closing or given is None:
            continue  # it has not read the close yet
        if len(given) > gateway.limits.frame:
            line.take(CloseConnection("", codes.MESSAGE_TOO_BIG, TOO_BIG))
            gateway.lost(line.box)
        else:
            gateway.hear(line.box, given)
