"""The switch: one place that hands out Pusher, the real one or the mock.

``USE_MOCKS=true`` selects the in-memory doubles, anything false the real SDKs. Importing this
package costs next to nothing: an SDK, the mock or pydantic is imported by the call that needs it.
"""

from typing import TYPE_CHECKING, Any

from compat.accessor import (
    get_async_pusher_server,
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
    from compat.async_server import AsyncPusher
    from compat.httpx_backend import AsyncHttpxBackend, HttpxBackend
    from compat.settings import PusherSettings

__all__ = [
    "AsyncHttpxBackend",
    "AsyncPusher",
    "ConfigurationError",
    "HttpxBackend",
    "MocksRefused",
    "PusherSettings",
    "frontend_config",
    "get_async_pusher_server",
    "get_pusher_client",
    "get_pusher_server",
    "get_pusher_settings",
    "is_mocked",
    "override",
    "pusher_server",
    "reset_cache",
]


_HOMES = {
    "AsyncHttpxBackend": "httpx_backend",
    "AsyncPusher": "async_server",
    "HttpxBackend": "httpx_backend",
    "PusherSettings": "settings",
}


def __getattr__(name: str) -> Any:
    # PEP 562: pydantic-settings takes longer to import than both SDKs together.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"compat.{home}"), name)
