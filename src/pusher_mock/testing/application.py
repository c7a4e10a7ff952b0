"""The app that the application under test publishes to, where it uses the switch."""

from __future__ import annotations

import sys

__all__ = ["application_credentials"]


def application_credentials() -> dict[str, str]:
    """The credentials of the switch while it hands out mocks: ``app_id``, ``key``, ``secret``.

    A client of another app would never hear what the application publishes. Looked up among the
    loaded modules: the switch is built on the mock, not the other way round.

    Returns:
        Nothing where the switch is not used, or hands out the real thing.
    """
    switch = sys.modules.get("compat.state")
    if switch is None:
        return {}
    try:
        settings = switch.current().settings
    except Exception:  # incomplete settings are the application's matter, when it uses them
        return {}
    if not settings.use_mocks:
        return {}
    return {
        "app_id": settings.app_id,
        "key": settings.key,
        "secret": settings.secret.get_secret_value(),
    }
