"""What the page may know."""

from typing import Any, Final

from compat.state import current

__all__ = ["frontend_config"]

_DEFAULT_CLUSTER: Final = "mt1"
"""Cluster behind the SDK's default host ``api.pusherapp.com`` (facts 2.1.1)."""


def frontend_config() -> dict[str, Any]:
    """Return what pusher-js needs, by the settings of the moment; never a secret.

    Call it for each request, not at import: tests switch settings.

    Returns:
        ``key`` and ``cluster``. Without a cluster of its own the real Pusher's default one, since
        pusher-js refuses to start without any (facts 4.1.5). In server mode also the options that
        point pusher-js at the local server: ``wsHost``, ``wsPort`` and ``wssPort``, ``httpHost``,
        ``httpPort`` and ``httpsPort`` for the fallback transports, ``forceTLS``, and
        ``enabledTransports``, so that a server which is not running shows at once.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
        MocksRefused: Mocks are on in what looks like production.
    """
    settings = current().settings
    config: dict[str, Any] = {
        "key": settings.key,
        "cluster": settings.cluster or _DEFAULT_CLUSTER,
    }
    if settings.use_mocks and settings.mock_url is not None:
        host, port = settings.websocket_host, settings.websocket_port
        config |= {
            "wsHost": host,
            "wsPort": port,
            "wssPort": port,
            "httpHost": host,
            "httpPort": port,
            "httpsPort": port,
            "forceTLS": settings.ssl,
            # "wss" is only a name, and stands for nothing without "ws" (facts 4.1)
            "enabledTransports": ["ws", "wss"] if settings.ssl else ["ws"],
        }
    return config
