"""The application."""

import os
import sys

from django.apps import AppConfig

from compat.accessor import announce_mocks, is_mocked
from compat.errors import ConfigurationError
from compat.state import current

__all__ = ["PusherConfig"]


class PusherConfig(AppConfig):
    """Registers the checks, and says at the start of a server that mocks are on."""

    name = "compat.django"
    label = "pusher_compat"
    verbose_name = "Pusher"

    def ready(self) -> None:
        """Called by Django when every app is loaded."""
        from compat.django import checks

        checks.register_checks()
        if not _starts_a_server():
            return
        try:
            current()
        except ConfigurationError:
            return  # the checks tell, and so does the first use
        if is_mocked():
            announce_mocks()


def _starts_a_server() -> bool:
    """Return whether this process will answer requests.

    A management command that does not says it at its first use. Of the two processes of a
    reloading `runserver` only the inner one answers.
    """
    program, *arguments = sys.argv or [""]
    if os.path.basename(program) not in {"manage.py", "django-admin", "__main__.py"}:
        return True
    if arguments[:1] != ["runserver"]:
        return False
    return "--noreload" in arguments or os.environ.get("RUN_MAIN") == "true"
