"""``PusherMock``: what a user holds. The core, plus a verb for each door, imported when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError
from pusher_mock.testing.made import remember
from pusher_mock.testing.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from pusher_mock.clock import Clock, ManualClock
    from pusher_mock.core import Core
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.doubles.store import StateStore
    from pusher_mock.engine import App, PublishedEvent
    from pusher_mock.intercept import Interception
    from pusher_mock.journal import Journal
    from pusher_mock.network import DeliveryNote, Metrics, Network, NetworkConditions, Profile
    from pusher_mock.server import ThreadedServer
    from pusher_mock.testing.subscriber import AsyncSubscriber

__all__ = ["PusherMock", "current_mock"]


class PusherMock(Witness):
    """One isolated Pusher, in this process.

    In a ``with`` block it is the current mock: every double that was not bound to another one
    uses it. Outside, use ``server()`` and ``client()``, which are bound to it.

    Args:
        seed: of the connection ids, and of whatever else is left to chance.
        clock: a new ``ManualClock`` by default, which moves only when told.
        history: messages kept per channel, 100 by default; 0 keeps none.
        journal: inputs kept for assertions and ``journal.dumps()``, 5000 by default.
        apps: the registered apps. By default one with the documented mock credentials and
            client events switched on.
        strict: refuse keys that are not registered; otherwise the first key and secret seen
            register an app, and another secret for that key is refused.
        network: the weather: a profile or its name (``perfect``, ``polling``, ``lossy``,
            ``mobile``, ``realtime-events``, ``flaky-auth``, ``restart``), or
            ``NetworkConditions``; everything arrives at once by default.

    Attributes:
        state: its state store, as ``pusher_mock_state`` is the current mock's.

    Raises:
        UsageError: an argument is out of range.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Clock | None = None,
        history: int = limits.DEFAULT_HISTORY,
        journal: int = limits.DEFAULT_JOURNAL,
        apps: Iterable[App] | None = None,
        strict: bool = False,
        network: str | NetworkConditions | Profile | None = None,
    ) -> None:
        from pusher_mock.core import Core

        self._wrap(
            Core(
                seed=seed,
                clock=clock,
                history=history,
                journal=journal,
                apps=apps,
                strict=strict,
                network=network,
            )
        )
        remember(self)

    @classmethod
    def around(cls, core: Core) -> PusherMock:
        """Wrap a core that was made without one, as the process default is."""
        mock = cls.__new__(cls)
        mock._wrap(core)
        return mock

    def _wrap(self, core: Core) -> None:
        from pusher_mock.doubles.store import StateStore

        self.core = core
        self.state: StateStore = StateStore(core)
        core.facade = self

    # Doubles -----------------------------------------------------------------------------------

    def server(self, app: App | str | None = None, **options: Any) -> MockPusherServer:
        """A publisher bound to this mock.

        Args:
            app: whose credentials, by the app or its key; the first registered app's otherwise.
            **options: further parameters of ``MockPusherServer``; ``app_id``, ``key`` and
                ``secret`` win over the app's.

        Returns:
            A ``pusher.Pusher`` that publishes to this mock, whichever is current.

        Raises:
            UsageError: the app is not registered with this mock.
        """
        from pusher_mock.doubles.server import MockPusherServer

        app_id, key, secret = self._credentials(app)
        options = {"app_id": app_id, "key": key, "secret": secret, **options}
        return MockPusherServer(mock=self, **options)

    def client(
        self, app: App | str | None = None, *, connect: bool = False, **options: Any
    ) -> MockPusherClient:
        """A subscriber bound to this mock, with the app's secret unless an endpoint authorizes.

        Args:
            app: whose credentials, by the app or its key; the first registered app's otherwise.
            connect: connect it before returning.
            **options: further parameters of ``MockPusherClient``; ``key`` and ``secret`` win
                over the app's.

        Returns:
            A ``pysher.Pusher`` that connects to this mock, whichever is current.

        Raises:
            UsageError: the app is not registered with this mock.
        """
        from pusher_mock.doubles.client import MockPusherClient

        _, key, secret = self._credentials(app)
        if "auth_endpoint" not in options:
            options = {"secret": secret, **options}
        client = MockPusherClient(**{"key": key, **options}, mock=self)
        if connect:
            client.connect()
        return client

    def async_client(self, app: App | str | None = None, **options: Any) -> AsyncSubscriber:
        """A subscriber for tests that await, under asyncio and trio; bound to this mock.

        Args:
            app: whose credentials, by the app or its key; the first registered app's otherwise.
            **options: further parameters of ``pusher_mock.testing.AsyncSubscriber``; ``key`` and
                ``secret`` win over the app's.

        Returns:
            What connects in an ``async with`` block, and closes at its end.

        Raises:
            UsageError: the app is not registered with this mock.
        """
        from pusher_mock.testing.subscriber import AsyncSubscriber

        _, key, secret = self._credentials(app)
        options = {"key": key, "secret": secret, **options}
        return AsyncSubscriber(self.core, **options)

    def _credentials(self, app: App | str | None) -> tuple[str, str, str]:
        """The id, key and secret of an app of this mock."""
        state = self.core.engine.state
        with self.core.lock:
            if app is None:
                app = next(iter(state.apps.values())).config
            key = app if isinstance(app, str) else app.key
            found = state.by_key.get(key)
            if found is None:
                raise UsageError(
                    f"no app with the key {key} is registered with this mock, only "
                    f"{', '.join(state.by_key)}; use PusherMock(apps=[...]), "
                    "or give key= and secret= instead of an app"
                )
            return found.config.id, key, found.secrets[key] or ""

    # What happened -----------------------------------------------------------------------------

    @property
    def clock(self) -> ManualClock:
        """The clock; typed as the default ``ManualClock``, whatever was given."""
        clock: Any = self.core.clock
        return clock  # type: ignore[no-any-return]

    @property
    def journal(self) -> Journal:
        """The inputs and effects so far."""
        return self.core.journal

    @property
    def seed(self) -> int:
        """What everything left to chance begins with."""
        return self.core.seed

    # Network -----------------------------------------------------------------------------------

    @property
    def network(self) -> Network:
        """What lies between this mock and everybody else: conditions, faults, commands."""
        return self.core.network

    def metrics(self) -> Metrics:
        """What became of events so far: published, delivered, dropped, duplicated, pending, …"""
        return self.core.network.metrics()

    def on_published(self, callback: Callable[[PublishedEvent], object]) -> Callable[[], None]:
        """Be told of every event that is accepted for a channel.

        Args:
            callback: called on the thread of whoever published, once the event was delivered to
                those who get it at once. What it raises is recorded as a callback's error.

        Returns:
            What ends it.
        """
        return self.core.network.watch("published", callback)

    def on_delivered(self, callback: Callable[[DeliveryNote], object]) -> Callable[[], None]:
        """Be told of every event that has reached a connection; as ``on_published``."""
        return self.core.network.watch("delivered", callback)

    def on_dropped(self, callback: Callable[[DeliveryNote], object]) -> Callable[[], None]:
        """Be told of every event that will not reach a connection, and why; as ``on_published``."""
        return self.core.network.watch("dropped", callback)

    # Calls of code that asks for no double ------------------------------------------------------

    def intercept(self, *names: str, **options: Any) -> Interception:
        """Catch every call of Pusher that this process makes, for this mock.

        Clients of the real SDKs that were built before are caught, and so is code that posts or
        opens a WebSocket by itself.

        Args:
            *names: the doors, ``sdk``, ``httpx``, ``requests``, ``aiohttp``, ``websocket``; all of
                them when none is named.
            **options: the further parameters of ``pusher_mock.intercept.Interception``.

        Returns:
            What begins in a ``with`` block, which gives this mock, or with ``start()``.

        Raises:
            UsageError: as ``Interception``.
        """
        from pusher_mock.intercept import Interception

        return Interception(*names, mock=self, **options)

    # On the wire -------------------------------------------------------------------------------

    def serve(self, host: str = "127.0.0.1", port: int = 0, **options: Any) -> ThreadedServer:
        """Start a server for real clients: browsers, unmodified SDKs, anything that speaks HTTP.

        It shares this mock's state with the doubles of this process. Timers run by the mock's
        clock: give the mock a ``SystemClock`` where idle connections are to be pinged.

        Args:
            host: the address to listen on. Anything but this machine's own lets others in.
            port: 0 takes any that is free.
            **options: further parameters of ``pusher_mock.server.ThreadedServer``.

        Returns:
            The running server; ``stop()`` it, or use it in a ``with`` block.

        Raises:
            UsageError: the port is taken, or what a server needs is not installed.
        """
        from pusher_mock.server import ThreadedServer

        return ThreadedServer(self, host, port, **options).start()

    # Life cycle --------------------------------------------------------------------------------

    def reset(self) -> None:
        """Close every connection; forget channels, history, cache, journal, timers and errors.

        What is under way, faults and commands of the network and the counts go, too. Connection
        ids and the seed start over; apps, their options, conditions and the clock stay.
        """
        self.core.reset()

    def activate(self) -> None:
        """Make this the current mock until ``deactivate()``; may be nested."""
        from pusher_mock.core import activate

        activate(self.core)

    def deactivate(self) -> None:
        """Stop being the current mock; doubles that had attached to it are disconnected.

        Raises:
            UsageError: it is not active.
        """
        from pusher_mock.core import deactivate

        deactivate(self.core)

    def close(self) -> None:
        """Disconnect every client and refuse further use; again is fine."""
        self.core.close()

    def __enter__(self) -> PusherMock:
        self.activate()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.deactivate()

    def __repr__(self) -> str:
        closed = " closed" if self.core.closed else ""
        return (
            f"<PusherMock connections={len(self.core.connections)} "
            f"inputs={len(self.journal)}{closed}>"
        )


def current_mock() -> PusherMock:
    """The mock that doubles use when they were not bound to another one.

    The innermost activated one, else a process default, which keeps real time and lasts.
    """
    from pusher_mock.core import current, facade_of

    mock: PusherMock = facade_of(current())
    return mock
