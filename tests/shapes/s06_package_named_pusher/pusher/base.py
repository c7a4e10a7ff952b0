"""A client for each call, if there are credentials."""

import pusher
from django.conf import settings


def get_pusher() -> pusher.Pusher | None:
    if not settings.PUSHER_APPID:
        return None
    return pusher.Pusher(
        app_id=settings.PUSHER_APPID, key=settings.PUSHER_KEY, secret=settings.PUSHER_SECRET
    )
