"""The settings in force right now, and what was built from them.

Settings are read once and kept until their fingerprint changes: the environment variables of
`compat.names.VARIABLES` and the active overrides. Files are not part of it, for a look at the disk
at every attribute access would cost more than the publishing itself; after editing one in a running
process call `compat.reset_cache()`.
"""

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from compat.names import VARIABLES

if TYPE_CHECKING:
    import pusher
    import pysher

    from compat.settings import PusherSettings

__all__ = ["Layer", "Resolved", "SharedClient", "current", "drop", "forget", "push"]


class SharedClient:
    """The subscribing client that callers without options of their own share.

    Attributes:
        client: The client.
        connecting: Held while it is being connected: a second `connect()` would raise
            (facts 5.2.3).
    """

    __slots__ = ("client", "connecting")

    def __init__(self, client: "pysher.Pusher") -> None:
        """Wrap a client that is not connected yet.

        Args:
            client: The client.
        """
        self.client = client
        self.connecting = threading.RLock()


class Resolved:
    """One reading of the settings, and what was built from it.

    Attributes:
        layers: The overrides it was read under.
        environment: The variables it was read from.
        settings: The settings.
        building: Held while `server` or `shared` is being made.
        server: The publishing client, once somebody asked for it.
        shared: The subscribing client, once somebody asked for it.
    """

    __slots__ = ("building", "environment", "layers", "server", "settings", "shared")

    def __init__(
        self,
        layers: tuple["Layer", ...],
        environment: tuple[object, ...],
        settings: "PusherSettings",
        server: "pusher.Pusher | None" = None,
    ) -> None:
        """Keep a reading.

        Args:
            layers: The overrides it was read under.
            environment: The variables it was read from.
            settings: The settings.
            server: The publishing client, if there is one already.
        """
        self.layers = layers
        self.environment = environment
        self.settings = settings
        # Reentrant: building logs, and a log handler may publish.
        self.building = threading.RLock()
        self.server = server
        self.shared: SharedClient | None = None


class Layer:
    """One active override (the lowest one overrides nothing), and the reading made under it.

    Each keeps its own reading, so that leaving an override brings back the very objects that were
    there before it.

    Attributes:
        values: Fields of the settings and their values.
        resolved: The reading while this layer was the top one.
    """

    __slots__ = ("resolved", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        """Start without a reading.

        Args:
            values: Fields of the settings and their values.
        """
        self.values = values
        self.resolved: Resolved | None = None


_lock = threading.RLock()
_layers: tuple[Layer, ...] = (Layer({}),)  # replaced, never changed: readers take no lock

_ENVIRON_TYPE: Final = type(os.environ)
_ENCODED: Final = tuple(os.environ.encodekey(name) for name in VARIABLES)


def _environment() -> tuple[object, ...]:
    """Return the relevant variables, only good for comparison.

    `os.environ` encodes each name and raises inside for each one that is unset: 19 µs for all of
    them, where the dictionary behind it takes 0.7.
    """
    environ = os.environ
    stored = getattr(environ, "_data", None) if type(environ) is _ENVIRON_TYPE else None
    if stored is None:  # replaced, by a test perhaps
        return tuple(environ.get(name) for name in VARIABLES)
    return tuple(map(stored.get, _ENCODED))


def current() -> Resolved:
    """Return the settings in force, read again only if something changed.

    Returns:
        The reading; the same object until the fingerprint changes.

    Raises:
        ConfigurationError: The settings are incomplete or wrong.
    """
    layers = _layers
    resolved = layers[-1].resolved
    if (
        resolved is not None
        and resolved.environment == _environment()
        and resolved.layers == layers
    ):
        return resolved
    return _read()


def _read() -> Resolved:
    from compat.settings import PusherSettings

    with _lock:
        layers = _layers
        # Taken before reading: a change in between is then noticed by the next look.
        environment = _environment()
        top = layers[-1]
        resolved = top.resolved
        if resolved is None or resolved.environment != environment or resolved.layers != layers:
            values: dict[str, Any] = {}
            for layer in layers:
                values.update(layer.values)
            settings = PusherSettings(**values)
            if resolved is not None and resolved.settings == settings:
                # A variable changed that another one beats: what was handed out stays good.
                resolved.layers, resolved.environment = layers, environment
            else:
                top.resolved = resolved = Resolved(layers, environment, settings)
        return resolved


def forget() -> None:
    """Drop every reading and everything built; active overrides stay active."""
    with _lock:
        for layer in _layers:
            layer.resolved = None


def push(values: dict[str, Any]) -> Layer:
    """Lay an override on top of the others.

    Args:
        values: Fields of the settings and their values.

    Returns:
        The layer, to take it away again.
    """
    global _layers
    layer = Layer(values)
    with _lock:
        _layers = (*_layers, layer)
    return layer


def drop(layer: Layer) -> None:
    """Take an override away, wherever in the stack it is by now.

    Args:
        layer: What `push` returned.
    """
    global _layers
    with _lock:
        _layers = tuple(other for other in _layers if other is not layer)


def _after_fork() -> None:
    """Give a forked child locks nobody holds, and no client whose thread stayed behind."""
    global _lock
    _lock = threading.RLock()
    for layer in _layers:
        old = layer.resolved
        if old is not None:
            layer.resolved = Resolved(old.layers, old.environment, old.settings, old.server)


if sys.platform != "win32":  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_after_fork)
