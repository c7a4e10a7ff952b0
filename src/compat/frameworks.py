"""The settings of the web framework that is running, if any: Django's, or a Flask application's.

Nothing is imported from here: a framework that the program has not loaded is not in use.
"""

import os
import sys
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from compat.names import VARIABLES

__all__ = ["Framework", "active", "is_test_run", "mock_is_active", "use_flask_app"]

_WATCHED: Final = (*VARIABLES, "DEBUG", "TESTING")
_ABSENT: Final = (object(),) * len(_WATCHED)


class Framework(Protocol):
    """Where a framework keeps its settings.

    Attributes:
        place: What error texts call it.
        remedy: How to say "this is development" there.
    """

    place: str
    remedy: str

    def fingerprint(self) -> object:
        """Return what changes when a setting does; only good for comparison."""

    def values(self) -> Mapping[str, Any]:
        """Return the settings that are set, by the names of `compat.names.VARIABLES`."""

    def is_development(self) -> bool:
        """Return whether it runs in debug mode, or under its own test runner."""


class _NoFramework:
    """A program without a framework: nothing is set, and nothing tells it from production."""

    place = ""
    remedy = ""

    def fingerprint(self) -> object:
        return None

    def values(self) -> Mapping[str, Any]:
        return {}

    def is_development(self) -> bool:
        return True


class _Django:
    """`django.conf.settings`, once it is configured.

    Attributes of the settings object are looked up through every active `override_settings`;
    a missing one costs an exception each. So the dictionaries behind are compared instead.
    """

    place = "Django's settings"
    remedy = "set DEBUG = True"

    def fingerprint(self) -> object:
        return tuple(_dictionaries(_django_settings()))

    def values(self) -> Mapping[str, Any]:
        settings = _django_settings()
        return {name: getattr(settings, name, None) for name in VARIABLES}

    def is_development(self) -> bool:
        # Django's test runner and pytest-django turn DEBUG off and put an outbox here.
        mail = sys.modules.get("django.core.mail")
        return bool(getattr(_django_settings(), "DEBUG", False)) or hasattr(mail, "outbox")


class _Flask:
    """The configuration of one Flask application."""

    place = "the Flask configuration"
    remedy = "run flask with --debug, or set TESTING = True in a test"

    def __init__(self, app: Any) -> None:
        self._app = weakref.ref(app)

    def fingerprint(self) -> object:
        config = self._config()
        return [config.get(name) for name in _WATCHED]

    def values(self) -> Mapping[str, Any]:
        config = self._config()
        return {name: config.get(name) for name in VARIABLES}

    def is_development(self) -> bool:
        config = self._config()
        return bool(config.get("DEBUG") or config.get("TESTING"))

    def _config(self) -> Mapping[str, Any]:
        app = self._app()
        return {} if app is None else app.config


_NONE: Final = _NoFramework()
_DJANGO: Final = _Django()
_flask_default: "weakref.ref[Any] | None" = None


def active() -> Framework:
    """Return where the settings of the moment are.

    The Flask application whose context is active; else Django, if its settings are configured;
    else the Flask application that was handed to `use_flask_app` last.
    """
    modules = sys.modules
    flask = modules.get("flask")
    # Another thread may be in the middle of importing it.
    if flask is not None and getattr(flask, "has_app_context", bool)():
        return _of_flask(flask.current_app._get_current_object())
    if "django.conf" in modules and _django_settings().configured:
        return _DJANGO
    app = None if _flask_default is None else _flask_default()
    return _NONE if app is None else _of_flask(app)


def use_flask_app(app: Any) -> None:
    """Let a Flask application's configuration count outside of its context, too.

    Args:
        app: The application; held weakly. The last one counts.
    """
    global _flask_default
    _flask_default = weakref.ref(app)


def is_test_run() -> bool:
    """Return whether pytest runs this process, or started it."""
    return "PYTEST_VERSION" in os.environ or "PYTEST_CURRENT_TEST" in os.environ


def mock_is_active() -> bool:
    """Return whether somebody has activated a mock: a fixture, a mixin, a ``with`` block."""
    module = sys.modules.get("pusher_mock.core.current")
    return module is not None and bool(module.is_active())


def _of_flask(app: Any) -> _Flask:
    framework: _Flask | None = app.extensions.get("compat.settings")
    if framework is None:
        # Of two threads that get here at the same time, both go on with the same one.
        framework = app.extensions.setdefault("compat.settings", _Flask(app))
    return framework


def _django_settings() -> Any:
    return sys.modules["django.conf"].settings


def _dictionaries(settings: Any) -> Iterator[object]:
    """Yield the watched values of each layer of settings, the innermost override first."""
    holder = getattr(settings, "_wrapped", None)
    if holder is None:  # replaced by another library's object
        yield tuple(getattr(settings, name, None) for name in _WATCHED)
    while holder is not None:
        values = vars(holder)
        # A setting overridden with `None` differs from one that is not overridden.
        yield tuple(map(values.get, _WATCHED, _ABSENT))
        if deleted := values.get("_deleted"):
            yield frozenset(deleted)
        holder = values.get("default_settings")
