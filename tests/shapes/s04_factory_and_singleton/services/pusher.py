"""The client of Pusher: how it is made, and one."""

from django.conf import settings
from pusher import Pusher


def get_pusher_client() -> Pusher:
    return Pusher(
        app_id=settings.PUSHER_APP_ID,
        key=settings.PUSHER_KEY,
        secret=settings.PUSHER_SECRET,
        cluster=settings.PUSHER_CLUSTER,
    )


PusherClient = get_pusher_client()
