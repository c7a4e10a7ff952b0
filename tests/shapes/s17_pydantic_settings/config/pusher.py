"""The client."""

import pusher

from .settings import settings

pusher_client = pusher.Pusher(
    app_id=settings.pusher_app_id,
    key=settings.pusher_app_key,
    secret=settings.pusher_app_secret,
    cluster=settings.pusher_app_cluster,
    ssl=True,
)
