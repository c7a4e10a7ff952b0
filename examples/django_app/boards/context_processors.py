"""What every page knows."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from boards.models import Notification


def inbox(request: HttpRequest) -> dict[str, Any]:
    """The number beside the inbox, on every page of somebody who is logged in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"unread_count": Notification.objects.filter(recipient=user).unread().count()}
