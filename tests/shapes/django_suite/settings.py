"""Settings of the project: what the applications read, each by the names that it knows."""

from __future__ import annotations

import os

SECRET_KEY = "for tests only"
ROOT_URLCONF = "tests.shapes.django_suite.urls"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.shapes.s01_module_literals",
    "tests.shapes.s02_literals_despite_settings.backend",
    "tests.shapes.s03_package_init.api",
    "tests.shapes.s04_factory_and_singleton",
    "tests.shapes.s05_celery_tasks",
    "tests.shapes.s06_package_named_pusher",
    "tests.shapes.s08_view_mixin",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "tests.shapes.s06_package_named_pusher.context_processors.services",
            ],
        },
    },
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# Tasks run at once, unless there is a folder where a worker finds them.
_folder = os.environ.get("TASKS_FOLDER")
CELERY_TASK_ALWAYS_EAGER = _folder is None
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = _folder is not None
CELERY_BROKER_URL = "filesystem://" if _folder else "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": _folder,
    "data_folder_out": _folder,
    "control_folder": _folder,
}

PUSHER_APP_ID = "303030"
PUSHER_KEY = "30303030303030303030"
PUSHER_SECRET = "b3b3b3b3b3b3b3b3b3b3"
PUSHER_CLUSTER = "eu"

# The same by other names.
PUSHER_APPID = PUSHER_APP_ID
PUSHER_APP_KEY = PUSHER_KEY
PUSHER_APP_SECRET = PUSHER_SECRET

PUSHER_ENABLED = True
PUSHER_CHANNEL_PREFIX = "dev_"
PUSHER_OUTPUT_TO_FILE = None
