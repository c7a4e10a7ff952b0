"""The Celery application. What is sent takes its client along, so it is pickled."""

from celery import Celery  # type: ignore[import-untyped]

app = Celery("push")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.accept_content = ["json", "pickle"]
