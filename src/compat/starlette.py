"""Starlette and FastAPI: a dependency, and routes that sign and take webhooks.

Settings come from the environment: Starlette has no configuration of its own.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from compat.accessor import get_async_pusher_server, get_pusher_server
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

    from compat.async_server import AsyncPusher

    PusherServer = pusher.Pusher
    AsyncPusherServer = AsyncPusher

__all__ = [
    "AsyncPusherServer",
    "Authorize",
    "PusherServer",
    "UserData",
    "WebhookHandler",
    "pusher_routes",
    "verify_webhook",
]

_Answer = Permission | Response
_User = Mapping[str, Any] | Response | None

Authorize = Callable[[Request, str], _Answer | Awaitable[_Answer]]
"""Decides whether the sender of a request may subscribe to a channel; a coroutine or not.

A response refuses: it is the way of decorators such as Starlette's ``requires`` to say no.
"""

UserData = Callable[[Request], _User | Awaitable[_User]]
"""Says who the sender of a request is; a coroutine or not.

``None`` stands for nobody, and so does a response.
"""

WebhookHandler = Callable[[dict[str, Any]], object]
"""Takes one event of a webhook: ``name``, ``channel`` and more (facts 3.2); a coroutine or not."""

_FORBIDDEN: Final = 403  # facts 2.7: what a refusal is
_NO_RULE: Final = Refusal(
    "nothing says who may subscribe: pass authorize= to pusher_routes(), a function of the request "
    "and the channel's name"
)
_NOT_LOGGED_IN: Final = Refusal("log in first")
"""What a response in place of a permission comes to: a browser that subscribes cannot follow it."""


_DEPENDENCIES: Final[dict[str, Callable[[], Any]]] = {
    "AsyncPusherServer": get_async_pusher_server,
    "PusherServer": get_pusher_server,
}


def __getattr__(name: str) -> Any:
    # PEP 562: Starlette's users need not have FastAPI.
    if name in _DEPENDENCIES:
        accessor = _DEPENDENCIES[name]
        try:
            from fastapi import Depends
        except ImportError as error:
            raise ImportError(
                f"{name} is a dependency of FastAPI, which is not installed: install fastapi, "
                f"or call compat.{accessor.__name__}()"
            ) from error
        from pusher import Pusher

        return Annotated[Pusher, Depends(accessor)]
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
    authorize: Authorize | None = None,
    user_data: UserData | None = None,
    on_webhook: WebhookHandler | None = None,
) -> list[Route]:
    """Make the routes ``/auth``, ``/user-auth`` and ``/webhook``, for a `Mount` or a router.

    A hook that is no coroutine function runs in a worker thread, as it may ask a database.

    Args:
        authorize: Called with the request and each channel that can be signed. Returns whether it
            is allowed, or the member's data, which a presence channel needs; may raise
            ``HTTPException(403)``. Anything else that is no refusal makes the endpoint fail with
            `TypeError`. Without it everybody is refused.
        user_data: Called with the request. Returns ``{"id": ..., "user_info": ...}``, or ``None``
            to refuse; may raise ``HTTPException(403)``. Without it nobody can sign in.
        on_webhook: Called with each event of a webhook. If it raises, the answer is 500, and
            Pusher sends the webhook again.

    Returns:
        The routes; POST only.
    """

    async def permission(request: Request, channel: str) -> Permission:
        if authorize is None:
            return _NO_RULE
        try:
            found: _Answer = await _call(authorize, request, channel)
        except HTTPException as error:
            if error.status_code != _FORBIDDEN:
                raise
            return Refusal(str(error.detail))
        return _NOT_LOGGED_IN if isinstance(found, Response) else found

    async def auth(request: Request) -> JSONResponse:
        try:
            asked = read_channel_request(await _form(request))
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, 400)
        answer = asked.answer({c: await permission(request, c) for c in asked.signable})
        return JSONResponse(answer.body, answer.status)

    async def user_auth(request: Request) -> JSONResponse:
        user: _User = None
        try:
            if user_data is not None:
                user = await _call(user_data, request)
        except HTTPException as error:
            if error.status_code != _FORBIDDEN:
                raise
        form = await _form(request)
        try:
            answer = sign_user(form, None if isinstance(user, Response) else user)
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


async def _form(request: Request) -> Mapping[str, Any]:
    """Read the form, urlencoded without the package that Starlette's own reader needs."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form()
    text = (await request.body()).decode(errors="replace")
    return dict(parse_qsl(text, keep_blank_values=True))


async def _call(function: Callable[..., Any], *args: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    # In a tuple: trio refuses a function whose result is a coroutine itself.
    (result,) = await run_in_threadpool(lambda: (function(*args),))
    return await result if inspect.isawaitable(result) else result
