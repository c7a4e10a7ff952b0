"""The Celery application."""

from celery import Celery  # type: ignore[import-untyped]

app = Celery("news")
app.config_from_object("django.conf:settings", namespace="CELERY")
