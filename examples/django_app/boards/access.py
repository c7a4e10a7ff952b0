"""Who may listen where: the one place that decides about channels that are not public."""

from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from boards.models import Workspace
from boards.realtime import (
    NOTES_CHANNEL_PREFIX,
    PRESENCE_CHANNEL_PREFIX,
    get_user_channel_name,
    notes_are_on,
    presence_member,
)

NOTES_ARE_OFF: Final = "Encrypted notes are off: set PUSHER_ENCRYPTION_MASTER_KEY_BASE64."


def may_listen(request: HttpRequest, channel_name: str) -> bool | dict[str, Any]:
    """The hook of the authorization view (`PUSHER_AUTHORIZE`): users who are logged in only."""
    assert isinstance(request.user, User)
    return authorize_channel(request.user, channel_name) or True


def authorize_channel(user: User, channel_name: str) -> dict[str, Any] | None:
    """What to sign for this user on this channel: who may listen is decided here alone.

    Returns:
        The presence member, or None for a channel that needs none.

    Raises:
        PermissionDenied: Not the user's own private channel, not a workspace of theirs, a
            channel this application never authorizes, or an encrypted one while there is no key.
    """
    if channel_name == get_user_channel_name(user.pk):
        return None
    if _is_of_own_workspace(user, channel_name, PRESENCE_CHANNEL_PREFIX):
        return presence_member(user)
    if _is_of_own_workspace(user, channel_name, NOTES_CHANNEL_PREFIX):
        if not notes_are_on():
            raise PermissionDenied(NOTES_ARE_OFF)
        return None
    raise PermissionDenied(f"{user} may not listen on {channel_name}")


def _is_of_own_workspace(user: User, channel_name: str, prefix: str) -> bool:
    slug = channel_name.removeprefix(prefix)
    return channel_name.startswith(prefix) and (
        Workspace.objects.visible_to(user).filter(slug=slug).exists()
    )
