"""What ``manage.py check`` says about Pusher, and every command that checks before it starts."""

from collections.abc import Sequence
from typing import Any, Final

from django.apps.config import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from compat.django.options import AUTHORIZE, authorize_hook, user_data_hook
from compat.errors import ConfigurationError, MocksRefused
from compat.names import MOCK_DEFAULTS
from compat.state import current

__all__ = ["check_deployment", "check_hooks", "check_switch", "register_checks"]

_TAG: Final = "pusher"


def register_checks() -> None:
    """Register all of them; called once by the application."""
    register(check_switch, _TAG)
    register(check_hooks, _TAG)
    register(check_deployment, _TAG, deploy=True)


def check_switch(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the switch can hand something out.

    Missing credentials are a warning: building an image or migrating a database needs none.

    Args:
        app_configs: Not used.
        **kwargs: Not used.

    Returns:
        ``E001`` mocks in production, ``E002`` a value that cannot be used, ``W001`` missing
        credentials, ``W002`` the mock's own credentials with mocks off.
    """
    try:
        settings = current().settings
    except MocksRefused as error:
        return [Error(str(error), id="pusher_compat.E001")]
    except ConfigurationError as error:
        if error.problems:
            return [Error(str(error), id="pusher_compat.E002")]
        return [checks.Warning(str(error), id="pusher_compat.W001")]
    if not settings.use_mocks and settings.key == MOCK_DEFAULTS["key"]:
        return [
            checks.Warning(
                f"USE_MOCKS is off, and the key is the mock's {settings.key}: Pusher will refuse "
                "every call.",
                hint="Set USE_MOCKS=true, or PUSHER_KEY to the key of your app.",
                id="pusher_compat.W002",
            )
        ]
    return []


def check_hooks(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that the hooks named in the settings are there.

    Args:
        app_configs: Not used.
        **kwargs: Not used.

    Returns:
        ``E003`` a hook that is none, ``W003`` the ready-made view without one.
    """
    found: list[CheckMessage] = []
    hooks = []
    for read in (authorize_hook, user_data_hook):
        try:
            hooks.append(read())
        except ImproperlyConfigured as error:
            found.append(Error(str(error), id="pusher_compat.E003"))
    if found or hooks[0] is not None:
        return found
    try:
        url = reverse("pusher:auth")
    except NoReverseMatch:
        return []
    return [
        checks.Warning(
            f"{url} refuses every subscription: nothing says who may subscribe.",
            hint=f"Set {AUTHORIZE} to a function(request, channel_name), or its dotted path.",
            id="pusher_compat.W003",
        )
    ]


def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check what must not be on in production (``check --deploy``).

    Args:
        app_configs: Not used.
        **kwargs: Not used.

    Returns:
        ``W004`` mocks are on or allowed.
    """
    try:
        settings = current().settings
    except ConfigurationError:
        return []  # `check_switch` tells
    if not (settings.use_mocks or settings.use_mocks_without_debug):
        return []
    return [
        checks.Warning(
            "Mocks are on, or allowed in production: no event would reach anybody.",
            hint="Unset USE_MOCKS and USE_MOCKS_WITHOUT_DEBUG where you deploy.",
            id="pusher_compat.W004",
        )
    ]
