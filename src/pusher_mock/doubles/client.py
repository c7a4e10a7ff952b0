"""``MockPusherClient``: ``pysher.Pusher`` whose connection is a mock instead of the network."""

from __future__ import annotations

import logging
import warnings
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pysher.channel import Channel
from pysher.pusher import Pusher

from pusher_mock.core import facade_of
from pusher_mock.core.logs import logger
from pusher_mock.protocol.errors import Unreachable

from .bindings import unbind
from .connection import MemoryConnection
from .rebind import with_globals
from .threaded import ThreadedMemoryConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.mock import PusherMock

__all__ = ["MockChannel", "MockPusherClient", "SubscriptionLost"]


class SubscriptionLost(UserWarning):
    """A subscription was asked for while there is no connection; pysher drops it silently."""


class MockChannel(Channel):
    """A pysher channel, plus ``unbind``."""

    def bind(
        self, event_name: str, callback: Callable[..., object], *args: Any, **kwargs: Any
    ) -> None:
        """Call back for every such event, as in the SDK.

        The answer to the subscription (``pusher_internal:subscription_succeeded``, a cached
        event) reaches callbacks that are bound after ``subscribe()`` has returned, as it does
        over a network, until something has come that is no such answer.

        Args:
            event_name: as it is on the wire, ``pusher_internal:subscription_succeeded`` for one.
            callback: called with the data, a string as it is on the wire.
            *args: passed on to the callback after the data.
            **kwargs: passed on to the callback.
        """
        connection = self.connection
        assert isinstance(connection, MemoryConnection)
        connection.bound(
            partial(super().bind, event_name, callback, *args, **kwargs),
            self.name,
            event_name,
            (callback, args, kwargs),
        )

    def unbind(self, event_name: str | None = None, callback: Any = None) -> None:
        """Take callbacks back; pysher has no such method, pusher-js has.

        Args:
            event_name: one event, or all when ``None``.
            callback: one callback, or all when ``None``.
        """
        unbind(self.event_callbacks, event_name, callback)

    def __repr__(self) -> str:
        return f"<MockChannel {self.name} events={sorted(self.event_callbacks)}>"


class MockPusherClient(Pusher):
    """A ``pysher.Pusher`` for tests and development without credentials or network.

    Handlers, states, signing and quirks are the SDK's own code. Deterministic: ``connect()``
    returns connected, and callbacks run on the thread that publishes, in order, before
    ``trigger()`` returns. Callbacks get the raw data of the wire, as pysher gives it.

    Args:
        key: as in the SDK.
        mock: the ``PusherMock`` to connect to. Without it the one that is current at
            ``connect()``; when that mock is closed or stops being current, the client is
            disconnected.
        threaded: keep pysher's thread: ``connect()`` returns at once and callbacks run on it.
        poster: called as ``poster(url, data=…, headers=…)`` instead of ``requests.post`` to ask
            the ``auth_endpoint``; returns something with ``status_code`` and ``json()``. See
            ``pusher_mock.testing.django_poster`` and ``flask_poster``.

    The other parameters are the SDK's, unchanged.
    """

    connection: MemoryConnection

    def __init__(
        self,
        key: str | bytes,
        cluster: str = "",
        secure: bool = True,
        secret: str | bytes = "",
        auth_endpoint: str | None = None,
        auth_endpoint_headers: dict[str, str] | None = {},  # noqa: B006 - as in the SDK
        user_data: dict[str, Any] | None = None,
        log_level: int | str = logging.INFO,
        daemon: bool = True,
        port: int | None = 443,
        reconnect_interval: float = 10,
        custom_host: str = "",
        auto_sub: bool = False,
        http_proxy_host: str = "",
        http_proxy_port: int = 0,
        http_no_proxy: list[str] | None = None,
        http_proxy_auth: tuple[str, str] | None = None,
        *,
        mock: PusherMock | None = None,
        threaded: bool = False,
        poster: Callable[..., Any] | None = None,
        **thread_kwargs: Any,
    ) -> None:
        super().__init__(
            key,
            cluster,
            secure,
            secret,
            auth_endpoint,
            auth_endpoint_headers,
            user_data,
            log_level,
            daemon,
            port,
            reconnect_interval,
            custom_host,
            auto_sub,
            http_proxy_host,
            http_proxy_port,
            http_no_proxy,
            http_proxy_auth,
            **thread_kwargs,
        )
        # Built by the SDK from its own parameters; from here on the transport is ours.
        self.connection.__class__ = ThreadedMemoryConnection if threaded else MemoryConnection
        self.connection.prepare(self, mock.core if mock is not None else None)
        self._poster = poster

    def connect(self) -> None:
        """Connect; when this returns, the client is connected (unless ``threaded``).

        Raises:
            RuntimeError: it was connected before; pysher's clients connect once.
            UsageError: the mock is closed.
        """
        core = self.connection.core_to_use()
        if isinstance(self.key, bytes):
            logger.warning(
                "the key is bytes: pysher puts %s into the URL, which is no key; pass a str",
                self.key,
            )
        if self.secret:
            core.learn(None, _text(self.key), _text(self.secret))
        super().connect()

    def subscribe(self, channel_name: str, auth: str | None = None) -> MockChannel:
        """Subscribe, as in the SDK.

        Args:
            channel_name: the channel's name.
            auth: a token in place of the secret or the endpoint; nothing is said of the member
                then, which a presence channel needs.

        Returns:
            The channel, subscribed unless it was refused; a refusal is a ``pusher:error`` on the
            connection.

        Raises:
            AssertionError: the endpoint answered with another status than 200; or the network of
                the mock says so, whoever signs.
            NotImplementedError: nothing signs a private or presence channel: there is neither a
                secret nor an endpoint.
            requests.exceptions.RequestException: the endpoint cannot be reached, or the network of
                the mock says so.

        Warns:
            SubscriptionLost: there is no connection, so nothing is sent, now or later.
        """
        socket, state = self.connection.socket, self.connection.state
        lost = socket is None or not socket.connected
        channel = super().subscribe(channel_name, auth)
        channel.__class__ = MockChannel
        assert isinstance(channel, MockChannel)
        if lost:
            text = (
                f"subscribe({channel_name!r}) while the connection is {state}: "
                "pysher sends nothing, neither now nor later. Subscribe when connected, for "
                "example from a callback bound to pusher:connection_established"
            )
            logger.warning("%s", text)
            warnings.warn(text, SubscriptionLost, stacklevel=2)
        return channel

    def unbind(
        self, channel_name: str, event_name: str | None = None, callback: Any = None
    ) -> None:
        """Take callbacks of a channel back; see ``MockChannel.unbind``.

        Args:
            channel_name: the channel; one that is not subscribed is fine.
            event_name: one event, or all when ``None``.
            callback: one callback, or all when ``None``.
        """
        channel = self.channels.get(channel_name)
        if channel is not None:
            unbind(channel.event_callbacks, event_name, callback)

    def _generate_auth_token(self, channel_name: str) -> str:
        return self._signed(Pusher._generate_auth_token, channel_name)

    def _generate_presence_token(self, channel_name: str) -> str:
        return self._signed(Pusher._generate_presence_token, channel_name)

    def _signed(self, generate: Callable[[Any, str], str], channel_name: str) -> str:
        if (self.secret or self.auth_endpoint) and not self.connection.core_to_use().network.calm:
            return self._signed_in_weather(generate, channel_name)
        return self._sign(generate, channel_name)

    def _signed_in_weather(self, generate: Callable[[Any, str], str], channel_name: str) -> str:
        """Sign, unless the network fails that; also with the secret, which takes none."""
        from .outages import asked, authorization_failure, outage

        core, socket_id = self.connection.core_to_use(), self.connection.socket_id
        failure = authorization_failure(core, _text(self.key), channel_name, socket_id)
        if failure is None:
            # A view in this process that it is posted to must not throw the dice again.
            token = asked.set(True)
            try:
                return self._sign(generate, channel_name)
            finally:
                asked.reset(token)
        where = self.auth_endpoint or "the client's own secret"
        if failure.kind == "answer":  # facts 5.2.14: in pysher's own words
            raise AssertionError(f"Failed to get auth token from {where}")
        why = f"the network has failed the authorization of {channel_name}"
        raise outage(Unreachable(failure.kind, why), "requests")

    def _sign(self, generate: Callable[[Any, str], str], channel_name: str) -> str:
        if self._poster is not None and not self.secret:
            generate = with_globals(generate, requests=SimpleNamespace(post=self._poster))
        return generate(self, channel_name)

    @property
    def mock(self) -> PusherMock:
        """The mock that this client is, or would be, connected to."""
        mock: PusherMock = facade_of(self.connection.core_to_use())
        return mock

    def __repr__(self) -> str:
        return f"<MockPusherClient {self.connection.connection_id} {self.connection.state}>"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
