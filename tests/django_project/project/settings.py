"""Settings as a project has them: the switch is not named, the credentials are."""

import os

SECRET_KEY = "for tests only"
DEBUG = os.environ.get("DJANGO_DEBUG") == "true"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "project.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "compat.django",
    "articles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
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
                "compat.django.context_processors.pusher",
            ],
        },
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
USE_TZ = True

PUSHER_APP_ID = 1234
PUSHER_KEY = "key-of-settings"
PUSHER_SECRET = "secret-of-settings"
PUSHER_CLUSTER = "eu"
PUSHER_AUTHORIZE = "articles.realtime.authorize"
