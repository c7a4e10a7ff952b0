"""The Celery application: `celery -A config worker`.

`config/__init__.py` does not import it, so a page that starts no task never loads Celery.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("boards")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
