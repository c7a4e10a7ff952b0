"""What every page knows."""

from typing import Any

from compat import frontend_config, is_mocked
from django.contrib.auth.models import User
from django.http import HttpRequest

from boards.models import Notification


def pusher(request: HttpRequest) -> dict[str, Any]:
    """Public configuration for the browser, asked for per request: it may change while we run."""
    return {"pusher_config": frontend_config(), "pusher_is_mocked": is_mocked()}


def inbox(request: HttpRequest) -> dict[str, Any]:
    """The number beside the inbox, on every page of somebody who is logged in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"unread_count": Notification.objects.filter(recipient=user).unread().count()}
