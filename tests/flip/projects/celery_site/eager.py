"""A script that runs the task at once."""

from __future__ import annotations

from tasks import notify, pusher_client  # type: ignore[import-not-found]

notify.delay(3)
print(pusher_client.channels_info())
