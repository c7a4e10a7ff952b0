"""What is sent to the pages."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from .celery import app
from .realtime import RealTimePusher


class Push:
    """One kind of event on one channel, with the client that sends it."""

    def __init__(self, channel: str, event: str) -> None:
        self.channel = f"{settings.PUSHER_CHANNEL_PREFIX}{channel}"
        self.event = event
        self.pusher = RealTimePusher(
            settings.PUSHER_APP_ID, settings.PUSHER_KEY, settings.PUSHER_SECRET
        )

    def send(self, data: Any) -> None:
        """Have the worker send it."""
        if settings.PUSHER_ENABLED:
            send.apply_async((self, data), serializer="pickle")

    def trigger(self, data: Any) -> None:
        """Send it, in the worker."""
        if settings.PUSHER_OUTPUT_TO_FILE:
            line = json.dumps([self.channel, self.event, data])
            with Path(settings.PUSHER_OUTPUT_TO_FILE).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        self.pusher.trigger([self.channel], self.event, data)


@app.task
def send(push: Push, data: Any) -> int:
    push.trigger(data)
    return id(push)
