"""A client in a module of Celery's tasks, imported from where the SDK defines it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from tests.shapes.s05_celery_tasks.tasks import publish_article
from tests.shapes.shape import Shape

SHAPE = Shape(
    5,
    "client in a module of Celery tasks, `from pusher.pusher import Pusher`",
    framework="Django",
    doors=("sdk",),
    shows="a task publishes when it runs eagerly",
)


def test_a_task_publishes(mock: Any, page: Any):
    reader = page(settings.PUSHER_KEY)
    reader.subscribe("news")
    assert publish_article.delay(7, "Snow").successful()
    assert reader.heard("news") == [("article", {"id": 7, "title": "Snow"})]
    mock.assert_triggered("news", "article", {"id": 7, "title": "Snow"}, times=1)


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        publish_article.delay(7, "Snow").get()
