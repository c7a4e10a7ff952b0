"""What the worker does. It has a client of its own."""

from django.conf import settings
from pusher.pusher import Pusher

from .celery import app

pusher = Pusher(
    app_id=settings.PUSHER_APP_ID, key=settings.PUSHER_KEY, secret=settings.PUSHER_SECRET
)


@app.task
def publish_article(number: int, title: str) -> None:
    pusher.trigger("news", "article", {"id": number, "title": title})
