"""Settings with development defaults: `USE_MOCKS=true` is the only variable the example needs.

Pusher's credentials are not here. `compat` reads `USE_MOCKS` and `PUSHER_*` from the environment
(or `.env`), so the application never learns which Pusher it talks to. There is one default, of the
key that encrypts notes, and only while mocks are on.
"""

import os
from pathlib import Path

from compat import PusherSettings, is_mocked
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


DEBUG = _flag("DJANGO_DEBUG", default=True)

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("Set DJANGO_SECRET_KEY: DJANGO_DEBUG is off.")
    SECRET_KEY = "only-for-development-on-your-own-machine"

ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

# One-click login as a demo user. Test runners turn DEBUG off, so this has a name of its own.
DEMO_LOGIN = DEBUG

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "compat.django",
    "boards",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "compat.django.context_processors.pusher",
                "boards.context_processors.inbox",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
        # Two visitors posting at once wait for each other instead of failing.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workspace-list"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
TIME_ZONE = os.environ.get("DJANGO_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"

# Who may listen where; the views that ask are in compat.django.urls.
PUSHER_AUTHORIZE = "boards.access.may_listen"

# Set it to nothing to see the notes page without a key.
if is_mocked() and PusherSettings().encryption_master_key_base64 is None:
    os.environ.setdefault(
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64", "b25seS1mb3ItdGhlLW1vY2stb24teW91ci1tYWNoaW4="
    )

# A mock lives in one process: what a worker published would be heard by nobody.
CELERY_TASK_ALWAYS_EAGER = is_mocked()
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "amqp://localhost")
CELERY_TASK_IGNORE_RESULT = True
