"""`pusher_server`: the publishing client as a name to import.

Applications keep their client in a module, built at import (facts/sdk-integration, rows 1 to 5).
A real object there would be stuck with the settings of that moment; this one asks again each time.
"""

from typing import TYPE_CHECKING, Any, Final, cast

from compat.accessor import current_server_class, get_pusher_server
from compat.errors import ConfigurationError
from compat.state import current

if TYPE_CHECKING:
    import pusher

__all__ = ["pusher_server"]


class _ServerProxy:
    """Stands for whatever `get_pusher_server()` returns at each attribute access.

    It passes for the current server in `isinstance`, `dir`, `vars` and `mock.patch.object`. What
    is taken from it is the server's own, and stays with that server.
    """

    __slots__ = ("__weakref__",)
    __module__ = "compat"  # where pickle finds it again

    def __getattr__(self, name: str) -> Any:
        return getattr(get_pusher_server(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(get_pusher_server(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(get_pusher_server(), name)

    def __dir__(self) -> list[str]:
        return dir(get_pusher_server())

    def __repr__(self) -> str:
        # Builds nothing: a debugger or a failing test may be looking.
        try:
            settings = current().settings
        except ConfigurationError:
            return "<compat.pusher_server not configured>"
        kind = "real"
        if settings.use_mocks:
            kind = "mock" if settings.in_memory else "mock-server"
        return (
            f"<compat.pusher_server {kind} app_id={settings.app_id!r} "
            f"cluster={settings.cluster!r} host={settings.host!r}>"
        )

    def __reduce_ex__(self, protocol: Any) -> str:
        # The name of a global: copies and unpickled objects are this one, wherever they wake up.
        return "pusher_server"

    def _current_class(self) -> type:
        # Looking at a module full of names, as `flask run` does for its application, must neither
        # build anything nor fail for want of credentials; using this does.
        try:
            return current_server_class()
        except ConfigurationError:
            return _ServerProxy

    __class__ = property(_current_class)


pusher_server: Final = cast("pusher.Pusher", _ServerProxy())
"""The publishing client by the settings of the moment; see `get_pusher_server()`."""
