"""`create_broker_client`: mock or real, by the application, the environment, or the switch."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from compat.accessor import (
    get_async_pusher_server,
    get_pusher_client,
    get_pusher_server,
    get_pusher_settings,
    is_mocked,
)
from compat.broker.client import BrokerClient
from compat.broker.errors import BrokerError
from compat.broker.over_pusher import PusherBroker
from compat.errors import ConfigurationError
from compat.overrides import override

if TYPE_CHECKING:
    from collections.abc import Callable

    import pysher

    from compat.async_server import AsyncPusher
    from compat.broker.awaiting import AsyncBroker
    from compat.broker.config import MockBrokerConfig

__all__ = ["BROKER_IMPL", "create_async_broker_client", "create_broker_client"]

BROKER_IMPL: Final = "BROKER_IMPL"
"""The variable that forces ``mock`` or ``real``; unset or empty, the switch decides."""

_MOCK: Final = "mock"
_REAL: Final = "real"


def create_broker_client(
    impl: str | None = None,
    *,
    injected: BrokerClient | Callable[[], BrokerClient] | None = None,
    config: MockBrokerConfig | None = None,
) -> BrokerClient:
    """Return a client of the broker: the first of these that says something decides.

    1. ``injected``, 2. ``impl``, 3. the variable ``BROKER_IMPL``, 4. the switch: ``USE_MOCKS``, and
    without it whether a mock is active.

    Args:
        impl: ``"mock"``, a `MockBroker` in this process whatever ``USE_MOCKS`` says, or ``"real"``,
            the real SDKs with the settings of the application.
        injected: What the application's own dependency injection has: a client, which is returned
            as it is, or what makes one, such as a class or a function without parameters.
        config: For a mock of its own under these conditions; otherwise a mock is the current one,
            where `compat.pusher_server` publishes as well.

    Returns:
        `MockBroker` or `PusherBroker`, or what was injected. Nothing is connected before the first
        subscription.

    Raises:
        ConfigurationError: ``impl`` or ``BROKER_IMPL`` is neither; the settings are incomplete or
            wrong; or ``real`` while ``USE_MOCKS`` is on.
        MocksRefused: The switch is on mocks in what looks like production.
        BrokerError: What was injected is no broker client, or there is a ``config`` for a real one.
    """
    if injected is not None:
        return _injected(injected)
    return _create(impl, config)[0]


def create_async_broker_client(
    impl: str | None = None, *, config: MockBrokerConfig | None = None
) -> AsyncBroker:
    """Return a client for code that awaits: ``await broker.publish(...)``.

    Args:
        impl: As for `create_broker_client`, and so are the environment and the switch.
        config: As for `create_broker_client`.

    Returns:
        Around the client that `create_broker_client` would return, which is its ``client``.

    Raises:
        ConfigurationError: As `create_broker_client`.
        MocksRefused: Likewise.
        BrokerError: There is a ``config`` for a real one.
    """
    from compat.broker.awaiting import AsyncBroker

    return AsyncBroker(*_create(impl, config))


def _create(
    impl: str | None, config: MockBrokerConfig | None
) -> tuple[PusherBroker, Callable[[], AsyncPusher] | None]:
    """A client, and unless it is a mock, what publishes for code that awaits."""
    chosen = _choose(impl)
    if chosen == _MOCK or (chosen is None and get_pusher_settings().in_memory):
        from compat.broker.mock import MockBroker, create_mock_broker

        return (MockBroker() if config is None else create_mock_broker(config)), None
    if config is not None:
        raise BrokerError(
            "config is for the mock, and the broker is the real one: set BROKER_IMPL=mock or "
            "USE_MOCKS=true, or leave config out"
        )
    off = _switched_off() if chosen == _REAL else None
    if off is None:
        return PusherBroker(get_pusher_server, _fresh_client), get_async_pusher_server
    off(get_pusher_settings)()  # now rather than at the first use: are they complete?
    return (
        PusherBroker(cache(off(get_pusher_server)), off(_fresh_client)),
        cache(off(get_async_pusher_server)),
    )


def _injected(given: BrokerClient | Callable[[], Any]) -> BrokerClient:
    made: object = given
    if callable(given) and (isinstance(given, type) or not isinstance(given, BrokerClient)):
        made = given()
    if not isinstance(made, BrokerClient):
        raise BrokerError(
            f"{made!r} is no broker client: it needs publish, subscribe, unsubscribe, close, and "
            "to work in a with block"
        )
    return made


def _choose(impl: str | None) -> str | None:
    name, value = ("impl", impl) if impl is not None else (BROKER_IMPL, os.environ.get(BROKER_IMPL))
    chosen = (value or "").strip().lower()
    if chosen not in ("", _MOCK, _REAL) or (impl is not None and not chosen):
        problem = f"{name}={value} is no broker: write {_MOCK} or {_REAL}"
        if impl is None:
            problem += "; unset, USE_MOCKS decides"
        raise ConfigurationError(problems=(problem,))
    return chosen or None


def _fresh_client() -> pysher.Pusher:
    return get_pusher_client(daemon=True)  # with an option, so that it is nobody else's


def _switched_off() -> override | None:
    """What the settings are to be read under for the real SDKs, also while a mock is active."""
    try:
        settings = get_pusher_settings()
    except ConfigurationError:
        if is_mocked():
            raise
        return override(use_mocks=False)
    if not settings.in_memory:
        return None
    if "use_mocks" in settings.model_fields_set:
        raise ConfigurationError(
            problems=(
                "the broker is to be real, and USE_MOCKS is on: set USE_MOCKS=false, or "
                "PUSHER_MOCK_URL for the real SDKs on a local server, or BROKER_IMPL=mock",
            ),
            use_mocks=True,
        )
    # Nobody has set the switch: it is on only because a mock is active.
    return override(use_mocks=False)
