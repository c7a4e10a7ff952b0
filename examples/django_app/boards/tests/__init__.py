"""Tests that `manage.py test` finds; pytest runs them too."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from compat import override

#: What encrypts the notes of every test.
MASTER_KEY: Final = b"thirty-two bytes, for tests only"

#: Settings of every test: the mock and its own credentials, also where others are exported.
MOCKED: Final[dict[str, Any]] = {
    "use_mocks": True,
    "app_id": None,
    "key": None,
    "secret": None,
    "cluster": None,
    "mock_url": None,
    "encryption_master_key_base64": base64.b64encode(MASTER_KEY).decode(),
}


@contextmanager
def mocked() -> Iterator[None]:
    """Whatever the environment says: no test talks to Pusher, or hands a task to a broker."""
    from config.celery import app  # here: it reads the settings, and not every importer has any

    eager = app.conf.task_always_eager
    app.conf.task_always_eager = True
    try:
        with override(**MOCKED):
            yield
    finally:
        app.conf.task_always_eager = eager
