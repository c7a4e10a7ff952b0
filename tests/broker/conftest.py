"""The ways to have a broker client, each with what a test needs to know of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from compat import override, reset_cache
from compat.broker import BrokerClient, create_broker_client, create_mock_broker
from compat.names import VARIABLES
from pusher_mock import PusherMock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable and no file says anything."""
    for name in (*VARIABLES, "BROKER_IMPL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    reset_cache()
    yield
    reset_cache()


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    """The current one."""
    with PusherMock() as mock:
        yield mock


class Bench:
    """A broker client and the mock behind it."""

    def __init__(self, kind: str, client: BrokerClient, mock: PusherMock) -> None:
        self.kind = kind
        self.client = client
        self.mock = mock

    def there(self, topic: str, count: int = 1) -> None:
        """Wait until so many connections are subscribed to a topic."""
        if self.kind in ("intercepted", "server"):
            count = min(count, 1)  # the handlers of a real client share one connection
        self.mock.wait_until_subscribed(topic, count)

    def heard(self, seen: list[Any], count: int) -> None:
        """Wait until there are so many."""
        self.mock.wait_until(lambda: len(seen) >= count)

    def settle(self) -> None:
        """Wait until handlers are done with everything."""
        if self.kind == "intercepted":
            self.mock.wait_until_delivered()


REAL = {"app_id": "1", "key": "mock-pusher-key", "secret": "mock-pusher-secret"}
KINDS = [
    "own",
    "current",
    "intercepted",
    pytest.param("server", marks=pytest.mark.enable_socket),
]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[PusherMock, str]]:
    """A mock on a local server, and its address: starting one for each test would take long."""
    mock = PusherMock()
    with mock.serve() as server:
        yield mock, server.url


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The contract: in memory alone or on the current mock, the real SDKs caught or on a wire."""
    with ExitStack() as stack:
        kind = request.param
        if kind == "own":
            broker = stack.enter_context(create_mock_broker())
            yield Bench(kind, broker, broker.mock)
            return
        if kind == "server":
            mock, url = request.getfixturevalue("served")
            mock.reset()
            stack.enter_context(override(use_mocks=True, mock_url=url))
        else:
            mock = stack.enter_context(PusherMock())
        if kind == "current":
            monkeypatch.setenv("BROKER_IMPL", "mock")
        else:
            monkeypatch.setenv("BROKER_IMPL", "real")
        if kind == "intercepted":
            stack.enter_context(override(use_mocks=False, cluster="eu", **REAL))
            stack.enter_context(mock.intercept())
        client = create_broker_client()
        stack.callback(client.close)
        yield Bench(kind, client, mock)
