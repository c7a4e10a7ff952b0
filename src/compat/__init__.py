"""The switch: one place that hands out Pusher, the real one or the mock.

``USE_MOCKS=true`` selects the in-memory doubles, anything false the real SDKs. Importing this
package costs next to nothing: an SDK, the mock or pydantic is imported by the call that needs it.
"""

from typing import TYPE_CHECKING, Any

from compat.accessor import (
    get_pusher_client,
    get_pusher_server,
    get_pusher_settings,
    is_mocked,
    reset_cache,
)
from compat.errors import ConfigurationError, MocksRefused
from compat.frontend import frontend_config
from compat.overrides import override
from compat.proxy import pusher_server

if TYPE_CHECKING:
    from compat.settings import PusherSettings

__all__ = [
    "ConfigurationError",
    "MocksRefused",
    "PusherSettings",
    "frontend_config",
    "get_pusher_client",
    "get_pusher_server",
    "get_pusher_settings",
    "is_mocked",
    "override",
    "pusher_server",
    "reset_cache",
]


def __getattr__(name: str) -> Any:
    # PEP 562: pydantic-settings takes longer to import than both SDKs together.
    if name == "PusherSettings":
        from compat.settings import PusherSettings

        return PusherSettings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
