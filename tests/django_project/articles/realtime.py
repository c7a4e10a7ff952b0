"""What the project says to Pusher, through a name imported once."""

from typing import Any

import pusher
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from compat import get_pusher_server, pusher_server

__all__ = ["announce", "authorize", "publish", "remark_saved", "server", "server_class"]

publish = pusher_server


def announce(title: str) -> None:
    publish.trigger("articles", "announced", {"title": title})


def server() -> pusher.Pusher:
    return get_pusher_server()


def server_class() -> type:
    return publish.__class__


def remark_saved(instance: Any, raw: bool, **kwargs: Any) -> None:
    publish.trigger("remarks", "loaded" if raw else "saved", {"text": instance.text})


def authorize(request: HttpRequest, channel_name: str) -> Any:
    """The permission hook of the tests: one outcome for each name."""
    if channel_name.endswith("closed"):
        raise PermissionDenied("closed today")
    if channel_name.endswith("empty"):
        raise PermissionDenied
    if channel_name.endswith("named"):
        return {"user_id": 7, "user_info": {"name": "Ada"}}
    return channel_name in {
        f"private-user-{request.user.pk}",
        "presence-room",
        "private-encrypted-notes",
    }
