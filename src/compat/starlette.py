"""Starlette and FastAPI: a dependency, and routes that sign and take webhooks.

Settings come from the environment: Starlette has no configuration of its own.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from compat.accessor import get_pusher_server
from compat.authorization import (
    BadRequest,
    Permission,
    Refusal,
    read_channel_request,
    read_webhook,
    sign_user,
)

if TYPE_CHECKING:
    import pusher

    PusherServer = pusher.Pusher

__all__ = [
    "Authorize",
    "PusherServer",
    "UserData",
    "WebhookHandler",
    "pusher_routes",
    "verify_webhook",
]

_T = TypeVar("_T")

Authorize = Callable[[Request, str], Permission | Awaitable[Permission]]
"""Decides whether the sender of a request may subscribe to a channel; a coroutine or not."""

UserData = Callable[[Request], Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None]
"""Says who the sender of a request is, ``None`` for nobody; a coroutine or not."""

WebhookHandler = Callable[[dict[str, Any]], object]
"""Takes one event of a webhook: ``name``, ``channel`` and more (facts 3.2); a coroutine or not."""


def __getattr__(name: str) -> Any:
    # PEP 562: Starlette's users need not have FastAPI.
    if name == "PusherServer":
        from fastapi import Depends
        from pusher import Pusher

        return Annotated[Pusher, Depends(get_pusher_server)]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


async def verify_webhook(request: Request) -> dict[str, Any] | None:
    """Check the signature of a webhook.

    Args:
        request: The request.

    Returns:
        ``{"time_ms": ..., "events": [...]}``, or ``None`` when it is not from Pusher, or older
        than five minutes.
    """
    return read_webhook(request.headers, await request.body())


def pusher_routes(
    authorize: Authorize,
    user_data: UserData | None = None,
    on_webhook: WebhookHandler | None = None,
) -> list[Route]:
    """Make the routes ``/auth``, ``/user-auth`` and ``/webhook``, for a `Mount` or a router.

    A hook that is no coroutine function runs in a worker thread, as it may ask a database.

    Args:
        authorize: Called with the request and each channel that can be signed. Returns whether it
            is allowed, or the member's data, which a presence channel needs; may raise
            ``HTTPException(403)``.
        user_data: Called with the request. Returns ``{"id": ..., "user_info": ...}``, or ``None``
            to refuse. Without it nobody can sign in.
        on_webhook: Called with each event of a webhook. If it raises, the answer is 500, and
            Pusher sends the webhook again.

    Returns:
        The routes; POST only.
    """

    async def permission(request: Request, channel: str) -> Permission:
        try:
            return cast("Permission", await _call(authorize, request, channel))
        except HTTPException as error:
            if error.status_code != 403:
                raise
            return Refusal(str(error.detail))

    async def auth(request: Request) -> JSONResponse:
        try:
            asked = read_channel_request(await _form(request))
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, 400)
        answer = asked.answer({c: await permission(request, c) for c in asked.signable})
        return JSONResponse(answer.body, answer.status)

    async def user_auth(request: Request) -> JSONResponse:
        user: Any = None
        if user_data is not None:
            user = await _call(user_data, request)
        try:
            answer = sign_user(await _form(request), user)
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(answer.body, answer.status)

    async def webhook(request: Request) -> JSONResponse:
        payload = await verify_webhook(request)
        if payload is None:
            return JSONResponse({"error": "the signature does not fit"}, 401)
        for event in payload.get("events", ()):
            if on_webhook is not None:
                await _call(on_webhook, event)
        return JSONResponse({})

    return [
        Route("/auth", auth, methods=["POST"], name="pusher-auth"),
        Route("/user-auth", user_auth, methods=["POST"], name="pusher-user-auth"),
        Route("/webhook", webhook, methods=["POST"], name="pusher-webhook"),
    ]


async def _form(request: Request) -> dict[str, str]:
    """Read a urlencoded body; Starlette's own reader needs another package for that."""
    text = (await request.body()).decode(errors="replace")
    return dict(parse_qsl(text, keep_blank_values=True))


async def _call(function: Callable[..., Any], *args: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    result = await run_in_threadpool(function, *args)
    return await result if inspect.isawaitable(result) else result
