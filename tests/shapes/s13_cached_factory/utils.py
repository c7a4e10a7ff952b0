"""Helpers."""

from functools import lru_cache

import pusher


@lru_cache
def get_pusher() -> pusher.Pusher:
    return pusher.Pusher(
        app_id="131313",
        key="13131313131313131313",
        secret="c4c4c4c4c4c4c4c4c4c4",
        host="10.13.13.13",
        port=6001,
        ssl=False,
    )


def notify(user: int, what: str) -> None:
    get_pusher().trigger(f"private-user-{user}", "notification", {"what": what})
