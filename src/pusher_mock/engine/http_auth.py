"""Who may call the HTTP API: the checks of facts 2.4 in the order of the gem (2.4.6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from pusher_mock.protocol import limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import dumps
from pusher_mock.protocol.signatures import (
    body_md5,
    same,
    sign,
    signed_parameters,
    signed_query,
)

from .explain import explain_request

if TYPE_CHECKING:
    from .inputs import HttpRequested
    from .state import AppState
    from .turn import Turn

__all__ = ["AUTH_PARAMETERS", "authenticate"]

AUTH_PARAMETERS: Final = frozenset(
    {"auth_key", "auth_timestamp", "auth_version", "auth_signature", "body_md5"}
)
_TIMESTAMP_DIGITS: Final = 15  # beyond any date, and before what is expensive to convert
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN = 400, 401, 403


def authenticate(
    turn: Turn, request: HttpRequested, given: dict[str, str], app_id: str
) -> AppState:
    """Return the app whose key signed this request.

    Args:
        turn: the turn; its wall clock is the server time.
        request: what was asked.
        given: the query, names in lower case.
        app_id: the id in the path, decoded.

    Raises:
        ProtocolViolation: 400, 401 or 403 with the text of facts 2.3.
    """
    key = given.get("auth_key")
    if not key:
        raise ProtocolViolation(texts.AUTH_KEY_REQUIRED, status=_UNAUTHORIZED)
    app = turn.state.by_key.get(key)
    secret = app.secrets[key] if app is not None else None
    if app is None or secret is None:
        known = ", ".join(k for a in turn.state.apps.values() for k, s in a.secrets.items() if s)
        raise ProtocolViolation(
            texts.UNKNOWN_KEY, status=_BAD_REQUEST, hint=f"keys known here: {known or 'none'}"
        )
    if given.get("auth_version") != limits.AUTH_VERSION:
        text = texts.VERSION_NOT_SUPPORTED if given.get("auth_version") else texts.VERSION_REQUIRED
        raise ProtocolViolation(text, status=_UNAUTHORIZED)
    _check_timestamp(turn, given.get("auth_timestamp", ""))
    _check_signature(turn, request, given, key, secret)
    if app_id not in app.ids:
        raise ProtocolViolation(
            texts.TOKEN_FOREIGN.format(app_id=app_id),
            status=_BAD_REQUEST,
            hint=f"key {key} belongs to app {', '.join(sorted(app.ids))}",
        )
    _check_body(request.body, given.get("body_md5"))
    _check_account(app)
    return app


def _check_timestamp(turn: Turn, text: str) -> None:
    if not text.isascii() or not text.isdigit():
        raise ProtocolViolation(texts.TIMESTAMP_REQUIRED, status=_UNAUTHORIZED)
    window = limits.AUTH_TIMESTAMP_WINDOW_SECONDS
    moment, now = int(text[:_TIMESTAMP_DIGITS]), int(turn.wall)
    if abs(now - moment) >= window:
        raise ProtocolViolation(
            texts.TIMESTAMP_EXPIRED.format(
                given=_iso(moment, text), window=window, now=_iso(now, str(now))
            ),
            status=_UNAUTHORIZED,
            hint="the publisher's clock and the mock's clock.wall() differ; freeze both or neither",
        )


def _iso(moment: int, text: str) -> str:
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return text


def _check_signature(
    turn: Turn, request: HttpRequested, given: dict[str, str], key: str, secret: str
) -> None:
    unique = len(given) == len(request.query)
    query = signed_parameters(given) if unique else signed_query(request.query)
    text = f"{request.method}\n{request.path}\n{query}"
    signature = given.get("auth_signature", "")
    if same(sign(secret, text), signature):
        return
    # facts 2.2.13: SDKs sign the path before it is percent-encoded.
    if "%" in request.path:
        decoded = f"{request.method}\n{unquote(request.path)}\n{query}"
        if same(sign(secret, decoded), signature):
            return
    raise ProtocolViolation(
        texts.WRONG_SIGNATURE.format(signed=dumps(text), given=dumps(signature)),
        status=_UNAUTHORIZED,
        hint=explain_request(turn.state, request, key, secret, signature),
    )


def _check_body(body: bytes, given: str | None) -> None:
    """facts 2.4.4: required with a body; checked whenever it is there."""
    if given is None and not body:
        return
    expected = body_md5(body)
    if given is None or not same(expected, given):
        raise ProtocolViolation(
            texts.BODY_MD5.format(expected=expected, given=given or "nothing"),
            status=_UNAUTHORIZED,
            hint="hash the very bytes that are sent",
        )


def _check_account(app: AppState) -> None:
    config = app.config
    if not config.enabled:
        raise ProtocolViolation(texts.APP_DISABLED, status=_FORBIDDEN)
    if config.daily_messages is not None and app.messages >= config.daily_messages:
        raise ProtocolViolation(
            texts.OVER_MESSAGE_QUOTA,
            status=_FORBIDDEN,
            hint=f"App(daily_messages={config.daily_messages})",
        )
