"""``PusherMock``: what a user holds. The core, plus a verb for each door, imported when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from pusher_mock.clock import Clock, ManualClock
    from pusher_mock.core import CallbackError, Core
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.doubles.store import StateStore
    from pusher_mock.engine import App, DeliverWebhook, PublishedEvent
    from pusher_mock.journal import Journal
    from pusher_mock.server import ThreadedServer

__all__ = ["PusherMock", "current_mock"]


class PusherMock:
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
    ) -> None:
        from pusher_mock.core import Core

        self._wrap(
            Core(seed=seed, clock=clock, history=history, journal=journal, apps=apps, strict=strict)
        )

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
    def errors(self) -> list[CallbackError]:
        """What callbacks raised; pysher would have hidden it."""
        return self.core.errors

    def published(
        self, channel: str | None = None, event: str | None = None
    ) -> list[PublishedEvent]:
        """The events published so far, oldest first, those of clients included.

        Args:
            channel: only this channel's.
            event: only with this name.

        Returns:
            One entry for each channel that an event was published on.

        Raises:
            UsageError: some have dropped out of the journal; the text names the size to set.
        """
        from pusher_mock.testing.expect import published

        return published(self.core.journal, channel, event)

    def assert_triggered(
        self,
        channel: str,
        event: str,
        data: Any = ...,
        *,
        times: int | None = None,
        socket_id: str | None = None,
    ) -> PublishedEvent:
        """Assert that an event was published, and return the last one that fits.

        Args:
            channel: the channel's name.
            event: the event's name.
            data: what its data is, decoded, or its very text; ``...`` for anything.
            times: exactly how often, from 1; ``None`` for at least once.
            socket_id: the connection that was excluded.

        Returns:
            The last event that fits.

        Raises:
            ExpectationFailed: it was not; the text shows the nearest misses.
            UsageError: the journal no longer holds what the answer depends on, or ``times`` is
                below 1.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.expect import Wanted, assert_triggered

        return assert_triggered(self.core.journal, Wanted(channel, event, data, socket_id), times)

    def assert_not_triggered(
        self, channel: str | None = None, event: str | None = None, data: Any = ...
    ) -> None:
        """Assert that no such event was published; without arguments, none at all.

        Args:
            channel: only this channel's.
            event: only with this name.
            data: only with this data, decoded, or its very text; ``...`` for any.

        Raises:
            ExpectationFailed: one was; the text shows which.
            UsageError: the journal no longer holds what the answer depends on.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.expect import Wanted, assert_not_triggered

        assert_not_triggered(self.core.journal, Wanted(channel, event, data))

    def webhooks(self) -> list[DeliverWebhook]:
        """The webhooks due so far, oldest first, each with URL, headers and signed body.

        Raises:
            UsageError: some have dropped out of the journal; the text names the size to set.
        """
        from pusher_mock.testing.expect import webhooks

        return webhooks(self.core.journal)

    def raise_errors(self) -> None:
        """Raise what a callback raised, if anything, and forget it.

        Raises:
            Exception: the very error of the first callback, with a note of where it came from;
                an ``ExceptionGroup`` when there are several.
        """
        from pusher_mock.testing.errors import raise_errors

        raise_errors(self.core.errors)

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

    def wait_until(
        self, reached: Callable[[], object], timeout: float = 5.0, what: str = ""
    ) -> None:
        """Wait until something is the case, for clients that run on threads of their own.

        Args:
            reached: asked at once and after whatever happens to this mock, under its lock; it
                may read the mock, and must not wait.
            timeout: seconds of real time.
            what: it, in words, for the failure text.

        Raises:
            ExpectationFailed: it did not come to pass; the text shows what happened last.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import wait_until

        wait_until(self.core, reached, what, timeout)

    def wait_until_connected(self, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until at least that many connections are open.

        Args:
            count: how many.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: there were fewer; the text shows what happened last.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import connected, wait_until

        wait_until(self.core, *connected(self.core, count), timeout)

    def wait_until_subscribed(self, channel: str, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until a channel has at least that many subscriptions.

        Args:
            channel: its name, in any app.
            count: how many; 0 waits until there are none.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: there were fewer, or for 0 still some; the text shows what happened
                last, refusals included.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import subscribed, wait_until

        wait_until(self.core, *subscribed(self.core, channel, count), timeout)

    def wait_until_triggered(
        self, channel: str, event: str, data: Any = ..., *, times: int = 1, timeout: float = 5.0
    ) -> PublishedEvent:
        """Wait until an event has been published, and return the last one that fits.

        Args:
            channel: the channel's name.
            event: the event's name.
            data: what its data is, decoded, or its very text; ``...`` for anything.
            times: how often at least, since the mock was made or reset.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: it was not; the text shows the nearest misses.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import triggered

        return triggered(self.core, channel, event, data, times, timeout)

    # Life cycle --------------------------------------------------------------------------------

    def reset(self) -> None:
        """Close every connection; forget channels, history, cache, journal, timers and errors.

        Connection ids and the seed start over; apps, their options and the clock stay.
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
