"""The WebSocket door for any ASGI server (facts 1.1, 1.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import Unreachable

from .lines import QueueLine
from .targets import target_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .gateway import Gateway

__all__ = ["TOO_BIG", "websocket"]

TOO_BIG = "Message too big"
_UNAVAILABLE = 503
_INTERNAL_ERROR = 1011  # RFC 6455, 7.4.1
_SERVERS = frozenset({"uvicorn", "hypercorn", "websockets", "wsproto"})


async def websocket(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket.

    It is accepted whatever it asks for: a refusal is an event and a close code, because a client
    that gets an HTTP error tries for ever (facts 1.1.7). It gets one where the network of the mock
    lets nobody in, and is to try again.
    """
    if (await receive())["type"] != "websocket.connect":
        return
    line = QueueLine(gateway)
    box = None
    try:
        async with anyio.create_task_group() as tasks:
            line.scope = tasks.cancel_scope
            # ASGI has no message for pings, so `pusher:ping` asks (facts 1.12.2).
            try:
                line.box = box = gateway.accept(
                    target_of(scope), line, tls=scope.get("scheme") == "wss", native_ping=False
                )
            except Unreachable as error:
                await _refuse(scope, send, f"{error}\n".encode())
                return
            if not await _sent(send, {"type": "websocket.accept"}):
                return
            tasks.start_soon(_send, line, send)
            await _receive(gateway, line, receive)
            tasks.cancel_scope.cancel()
    finally:
        line.closing = True
        if box is not None:
            gateway.lost(box)


async def _refuse(scope: Scope, send: Send, why: bytes) -> None:
    """Answer the handshake with 503, or with the 403 that servers have for this by themselves."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await _sent(send, {"type": "websocket.close"})
        return
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(why)),
    ]
    start = {"type": "websocket.http.response.start", "status": _UNAVAILABLE, "headers": headers}
    if await _sent(send, start):
        await _sent(send, {"type": "websocket.http.response.body", "body": why})


async def _send(line: QueueLine, send: Send) -> None:
    """Send what the line is given, until it is closed or the client is gone."""
    while True:
        item = await line.next()
        if item.__class__ is CloseConnection:
            # ASGI cannot cut a connection, and 1006 is for no frame. Clients take this one alike.
            code = _INTERNAL_ERROR if item.code == codes.ABNORMAL_CLOSURE else item.code
            message = {"type": "websocket.close", "code": code, "reason": item.reason}
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
