"""What the page may know."""

from typing import Final

from compat.state import current

__all__ = ["frontend_config"]

_DEFAULT_CLUSTER: Final = "mt1"
"""Cluster behind the SDK's default host ``api.pusherapp.com`` (facts 2.1.1)."""


def frontend_config() -> dict[str, str]:
    """Return what pusher-js needs, by the settings of the moment; never a secret.

    Call it for each request, not at import: tests switch settings.

    Returns:
        ``key`` and ``cluster``. Without a cluster of its own the real Pusher's default one, since
        pusher-js refuses to start without any (facts 4.1.5).

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
    """
    settings = current().settings
    return {"key": settings.key, "cluster": settings.cluster or _DEFAULT_CLUSTER}
