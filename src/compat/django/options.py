"""The settings that only Django projects have: two hooks, as callables or dotted paths."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from compat.authorization import Permission

__all__ = ["AUTHORIZE", "USER_DATA", "Authorize", "UserData", "authorize_hook", "user_data_hook"]

Authorize = Callable[[HttpRequest, str], Permission | HttpResponseBase]
"""Decides whether the sender of a request may subscribe to a channel.

A response refuses: it is the way of decorators such as ``login_required`` to say no.
"""

UserData = Callable[[HttpRequest], Mapping[str, Any] | HttpResponseBase | None]
"""Says who the sender of a request is; ``None`` for nobody, and so does a response."""

AUTHORIZE: Final = "PUSHER_AUTHORIZE"
USER_DATA: Final = "PUSHER_USER_DATA"


def authorize_hook() -> Authorize | None:
    """Return what the setting `PUSHER_AUTHORIZE` names, or ``None`` when it is not set.

    Raises:
        ImproperlyConfigured: It names nothing that can be imported and called.
    """
    return _hook(AUTHORIZE)


def user_data_hook() -> UserData | None:
    """Return what the setting `PUSHER_USER_DATA` names, or ``None`` when it is not set.

    Raises:
        ImproperlyConfigured: It names nothing that can be imported and called.
    """
    return _hook(USER_DATA)


def _hook(name: str) -> Callable[..., Any] | None:
    value = getattr(settings, name, None)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = import_string(value)
        except ImportError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from error
    if not callable(value):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write a function, or the dotted path of one"
        )
    hook: Callable[..., Any] = value
    return hook
