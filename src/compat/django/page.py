"""What a page needs to start pusher-js."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse

from compat.frontend import frontend_config

__all__ = ["page_config"]


def page_config(
    request: HttpRequest | None,
    auth_url: str | None = None,
    user_auth_url: str | None = None,
) -> dict[str, Any]:
    """Return the key and the options of ``new Pusher(key, options)``; never a secret.

    Args:
        request: Whose CSRF token the authorization endpoints will want; ``None`` for none.
        auth_url: Signs channels. ``pusher:auth`` by default, if `compat.django.urls` is included.
        user_auth_url: Signs users in. ``pusher:user-auth`` by default.

    Returns:
        What `frontend_config` returns, and ``channelAuthorization`` and ``userAuthentication``.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
    """
    config: dict[str, Any] = {**frontend_config()}
    headers = {} if request is None else {"X-CSRFToken": get_token(request)}
    for option, url, name in (
        ("channelAuthorization", auth_url, "pusher:auth"),
        ("userAuthentication", user_auth_url, "pusher:user-auth"),
    ):
        endpoint = url or _url(name)
        if endpoint is not None:
            config[option] = {"endpoint": endpoint, "transport": "ajax", "headers": headers}
    return config


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
