"""The settings in force right now, and what was built from them.

Settings are read once and kept until their fingerprint changes: the environment variables of
`compat.names.VARIABLES`, the same names in the settings of Django or Flask, and the active
overrides. Files are not part of it, for a look at the disk at every attribute access would cost
more than the publishing itself; after editing one in a running process call
`compat.reset_cache()`.
"""

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from compat.errors import MocksRefused
from compat.frameworks import Framework, active, is_test_run, mock_is_active
from compat.names import VARIABLES

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    import pusher
    import pysher

    from compat.settings import PusherSettings

__all__ = ["Layer", "Reading", "Resolved", "SharedClient", "current", "drop", "forget", "push"]


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


class Reading:
    """What the settings were read from; only good for comparison.

    Attributes:
        layers: The overrides.
        environment: The variables.
        framework: The fingerprint of the framework's settings.
        mocked: Whether a mock was active, if that decided about the switch or about the guard of
            production; ``None`` if it did not.
    """

    __slots__ = ("environment", "framework", "layers", "mocked")

    def __init__(self, layers: tuple["Layer", ...], framework: Framework) -> None:
        """Look at everything but the files.

        Args:
            layers: The overrides.
            framework: Whose settings count.
        """
        self.layers = layers
        self.environment = _environment()
        self.framework = framework.fingerprint()
        self.mocked: bool | None = None

    def is_current(self, layers: tuple["Layer", ...], framework: Framework) -> bool:
        """Return whether a look at everything now would see the same.

        Args:
            layers: The overrides of the moment.
            framework: Whose settings count at the moment.
        """
        return (
            self.environment == _environment()
            and self.layers == layers
            and self.framework == framework.fingerprint()
            and self.mocked in (None, mock_is_active())
        )


class Resolved:
    """One reading of the settings, and what was built from it.

    Attributes:
        reading: What it was read from.
        settings: The settings.
        building: Held while one of the clients is being made.
        server: The publishing client, once somebody asked for it.
        async_server: The same whose calls are awaited.
        shared: The subscribing client, once somebody asked for it.
    """

    __slots__ = ("async_server", "building", "reading", "server", "settings", "shared")

    def __init__(
        self,
        reading: Reading,
        settings: "PusherSettings",
        server: "pusher.Pusher | None" = None,
        async_server: "pusher.Pusher | None" = None,
    ) -> None:
        """Keep a reading.

        Args:
            reading: What it was read from.
            settings: The settings.
            server: The publishing client, if there is one already.
            async_server: The one whose calls are awaited, likewise.
        """
        self.reading = reading
        self.settings = settings
        # Reentrant: building logs, and a log handler may publish.
        self.building = threading.RLock()
        self.server = server
        self.async_server = async_server
        self.shared: SharedClient | None = None


class Layer:
    """One active override (the lowest one overrides nothing), and the readings made under it.

    Each keeps its own, so that leaving an override brings back the very objects that were there
    before it; and one for each framework, so that two Flask applications do not take turns.

    Attributes:
        values: Fields of the settings and their values.
        resolved: The reading while this layer was the top one, for each framework.
    """

    __slots__ = ("resolved", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        """Start without a reading.

        Args:
            values: Fields of the settings and their values.
        """
        self.values = values
        self.resolved: MutableMapping[Framework, Resolved] = WeakKeyDictionary()


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
        MocksRefused: Mocks are on in what looks like production.
    """
    layers, framework = _layers, active()
    resolved = layers[-1].resolved.get(framework)
    if resolved is not None and resolved.reading.is_current(layers, framework):
        return resolved
    return _read()


def _read() -> Resolved:
    from compat.settings import PusherSettings

    with _lock:
        layers, framework = _layers, active()
        top = layers[-1]
        resolved = top.resolved.get(framework)
        if resolved is None or not resolved.reading.is_current(layers, framework):
            # Taken before reading: a change in between is then noticed by the next look.
            reading = Reading(layers, framework)
            values: dict[str, Any] = {}
            for layer in layers:
                values.update(layer.values)
            settings = PusherSettings(**values)
            if "use_mocks" not in settings.model_fields_set:
                reading.mocked = settings.use_mocks
            if "mock_url" in settings.model_fields_set and values.get("mock_url") is None:
                # A variable names a local server; an active mock comes before it.
                reading.mocked = settings.mock_url is None
            if _refuse_in_production(settings, values, framework):
                reading.mocked = True
            if resolved is not None and resolved.settings == settings:
                # A variable changed that another one beats: what was handed out stays good.
                resolved.reading = reading
            else:
                top.resolved[framework] = resolved = Resolved(reading, settings)
        return resolved


def _refuse_in_production(
    settings: "PusherSettings", overrides: dict[str, Any], framework: Framework
) -> bool:
    """Raise if mocks were switched on by configuration where no developer is looking.

    Source: facts/sdk-integration 3.3 item 19. Test runners turn `DEBUG` off, so that alone does
    not tell; an override or an active mock is somebody's decision in code.

    Returns:
        Whether they are refused once the active mock is not active any more.
    """
    would_refuse = (
        settings.use_mocks
        and not settings.use_mocks_without_debug
        and overrides.get("use_mocks") is None
        and not framework.is_development()
        and not is_test_run()
    )
    if would_refuse and not mock_is_active():
        raise MocksRefused(framework.place, framework.remedy)
    return would_refuse


def forget() -> None:
    """Drop every reading and everything built; active overrides stay active."""
    with _lock:
        for layer in _layers:
            layer.resolved.clear()


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
        for framework, old in [*layer.resolved.items()]:
            layer.resolved[framework] = Resolved(
                old.reading, old.settings, old.server, old.async_server
            )


if sys.platform != "win32":  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_after_fork)
