"""Who may listen where: the one place that decides about private and presence channels."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from boards.models import Workspace
from boards.realtime import (
    PRESENCE_CHANNEL_PREFIX,
    get_user_channel_name,
    presence_member,
)


def authorize_channel(user: User, channel_name: str) -> dict[str, Any] | None:
    """What to sign for this user on this channel.

    Returns:
        The presence member, or None for a channel that needs none.

    Raises:
        PermissionDenied: Not the user's own private channel, not a workspace of theirs, or a
            channel this application never authorizes.
    """
    if channel_name == get_user_channel_name(user.pk):
        return None
    if channel_name.startswith(PRESENCE_CHANNEL_PREFIX):
        slug = channel_name.removeprefix(PRESENCE_CHANNEL_PREFIX)
        if Workspace.objects.visible_to(user).filter(slug=slug).exists():
            return presence_member(user)
    raise PermissionDenied(f"{user} may not listen on {channel_name}")
