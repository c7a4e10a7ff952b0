"""What Pusher tells: who came and went. `compat.django` has checked the signature."""

from typing import Any

from compat.django.signals import webhook_received
from django.dispatch import receiver

from boards import realtime


@receiver(webhook_received)
def count_connections(event: dict[str, Any], **kwargs: Any) -> None:
    """The workspace is told how many are connected."""
    channel: str = event.get("channel", "")
    if event["name"] in {"member_added", "member_removed"} and channel.startswith(
        realtime.PRESENCE_CHANNEL_PREFIX
    ):
        realtime.connection_count(channel.removeprefix(realtime.PRESENCE_CHANNEL_PREFIX))
