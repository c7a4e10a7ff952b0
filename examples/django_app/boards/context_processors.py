"""What every page knows."""

from typing import Any

from compat import get_pusher_settings
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from boards.models import Notification
from boards.realtime import is_in_memory


def inbox(request: HttpRequest) -> dict[str, Any]:
    """The number beside the inbox, on every page of somebody who is logged in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"unread_count": Notification.objects.filter(recipient=user).unread().count()}


def liveness(request: HttpRequest) -> dict[str, Any]:
    """What pages say of the mock, and whether they can be live. Asked only where it is used."""
    return {
        "mock_url": lambda: get_pusher_settings().mock_url,
        "pusher_js": lambda: (
            settings.PUSHER_JS if settings.PUSHER_JS_IS_HERE and not is_in_memory() else None
        ),
    }
