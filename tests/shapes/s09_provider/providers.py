"""A provider, so that Pusher can be left out."""

from typing import Any

import pusher
from django.conf import settings

occupied: set[str] = set()


class PusherProvider:
    """Publishes to channels that somebody listens to."""

    def __init__(self) -> None:
        self._pusher: pusher.Pusher | None = None
        self._disabled = getattr(settings, "DRF_MODEL_PUSHER_DISABLED", False)

    @property
    def pusher(self) -> pusher.Pusher:
        if self._pusher is None:
            self._pusher = pusher.Pusher(
                app_id=settings.PUSHER_APP_ID,
                key=settings.PUSHER_KEY,
                secret=settings.PUSHER_SECRET,
                cluster=settings.PUSHER_CLUSTER,
            )
        return self._pusher

    def trigger(
        self, channels: list[str], event: str, data: Any, socket_id: str | None = None
    ) -> None:
        heard = [channel for channel in channels if channel in occupied]
        if heard and not self._disabled:
            self.pusher.trigger(heard, event, data, socket_id)
