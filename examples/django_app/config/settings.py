"""Settings with development defaults: `USE_MOCKS=true` is the only variable the example needs.

Pusher's credentials are not here. `compat` reads `USE_MOCKS` and `PUSHER_*` from the environment
(or `.env`), so the application never learns which Pusher it talks to. There is one default, of the
key that encrypts notes, and only while mocks are on.

With mocks on, `PUSHER_MOCK_URL` names a local server (`pusher-mock serve`), which browsers connect
to; without it the mock is in the memory of this process, and pages are not live.
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
                "boards.context_processors.liveness",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DJANGO_DB_FILE") or BASE_DIR / "db.sqlite3",
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

# pusher-js comes from npm: `npm ci` in this directory. Without it pages are not live.
PUSHER_JS = "pusher-js/pusher-with-encryption.min.js"
_pusher_js = BASE_DIR / "node_modules" / "pusher-js" / "dist" / "web"
PUSHER_JS_IS_HERE = (_pusher_js / Path(PUSHER_JS).name).is_file()
STATICFILES_DIRS = [("pusher-js", _pusher_js)] if PUSHER_JS_IS_HERE else []

# Who may listen where; the views that ask are in compat.django.urls.
PUSHER_AUTHORIZE = "boards.access.may_listen"

_mocks = PusherSettings() if is_mocked() else None

# Set it to nothing to see the notes page without a key.
if _mocks is not None and _mocks.encryption_master_key_base64 is None:
    os.environ.setdefault(
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64", "b25seS1mb3ItdGhlLW1vY2stb24teW91ci1tYWNoaW4="
    )

# With mocks on no broker is needed: the task runs at once. A worker wants a local server, for what
# it published to a mock in its own memory would be heard by nobody.
_broker = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TASK_ALWAYS_EAGER = _mocks is not None and (_mocks.in_memory or not _broker)
CELERY_BROKER_URL = _broker or "amqp://localhost"
CELERY_TASK_IGNORE_RESULT = True
