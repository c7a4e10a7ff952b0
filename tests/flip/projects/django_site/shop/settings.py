"""Settings of a project with one application and no database."""

from __future__ import annotations

import os

SECRET_KEY = "not-secret"
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
USE_TZ = True

# Read as the project is imported, and not there on a developer's machine.
SHOP_PUSHER_CLUSTER = os.environ["PUSHER_APP_CLUSTER"]
