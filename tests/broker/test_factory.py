"""Which broker client `create_broker_client` returns."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pusher
import pytest

from compat import ConfigurationError, override, pusher_server
from compat.broker import (
    BrokerClient,
    BrokerError,
    MockBroker,
    MockBrokerConfig,
    PusherBroker,
    create_broker_client,
    create_mock_broker,
)
from pusher_mock import MockPusherServer, PusherMock

if TYPE_CHECKING:
    from collections.abc import Callable

    from compat.broker import BrokerMessage

CREDENTIALS: dict[str, Any] = {"app_id": "42", "key": "real-key", "secret": "real-secret"}


@pytest.fixture
def real() -> Any:
    with override(use_mocks=False, **CREDENTIALS):
        yield


def publisher(client: BrokerClient) -> pusher.Pusher:
    assert isinstance(client, PusherBroker)
    return client._publisher()


@pytest.mark.parametrize("value", [None, "", "  "])
def test_unset_the_switch_decides(value: str | None, monkeypatch: pytest.MonkeyPatch):
    if value is not None:
        monkeypatch.setenv("BROKER_IMPL", value)
    with override(use_mocks=True):
        client = create_broker_client()
        assert type(client) is MockBroker
    with override(use_mocks=False, **CREDENTIALS):
        client = create_broker_client()
        assert type(client) is PusherBroker
        assert type(publisher(client)) is pusher.Pusher
    with override(use_mocks=False), pytest.raises(ConfigurationError, match="app id is missing"):
        create_broker_client()


@pytest.mark.parametrize("value", ["mock", "MOCK", " mock "])
def test_the_variable_forces_the_mock(
    value: str, monkeypatch: pytest.MonkeyPatch, real: None, mock: PusherMock
):
    monkeypatch.setenv("BROKER_IMPL", value)
    client = create_broker_client()
    assert type(client) is MockBroker
    assert client.mock is mock
    client.publish("a", 1)
    mock.assert_triggered("a", "broker-message", times=1)


def test_the_mock_needs_no_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_APP_ID", "not a number")
    monkeypatch.setenv("USE_MOCKS", "false")
    with PusherMock() as mock:
        client = create_broker_client("mock")
        assert isinstance(client, MockBroker)
        seen: list[BrokerMessage] = []
        client.subscribe("a", seen.append)
        client.publish("a", 1)
        assert len(seen) == len(mock.published()) == 1
    with PusherMock() as another:
        client.publish("a", 2)
        assert len(another.published()) == 1


def test_the_mock_has_the_credentials_of_the_application(mock: PusherMock):
    seen: list[BrokerMessage] = []
    with override(use_mocks=True, app_id="77", key="my-key", secret="my-secret"):
        client = create_broker_client("mock")
        client.subscribe("private-a", seen.append, event="e")
        pusher_server.trigger("private-a", "e", {"n": 1})
    assert [message.payload for message in seen] == [{"n": 1}]


def test_the_real_one_while_a_mock_is_active(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(f"PUSHER_{name.upper()}", value)
    assert type(publisher(create_broker_client())) is MockPusherServer
    monkeypatch.setenv("BROKER_IMPL", "real")
    client = create_broker_client()
    assert type(publisher(client)) is pusher.Pusher
    assert publisher(client)._pusher_client.key == "real-key"
    assert isinstance(client, PusherBroker)
    assert client._subscriber().key == "real-key"
    with mock.intercept():
        client.publish("a", 1)
    mock.assert_triggered("a", "broker-message", times=1)


def test_the_real_one_without_settings(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigurationError, match="app id is missing"):
        create_broker_client("real")
    with PusherMock(), pytest.raises(ConfigurationError, match="app id is missing"):
        create_broker_client("real")
    monkeypatch.setenv("USE_MOCKS", "true")
    monkeypatch.setenv("PUSHER_MOCK_URL", "nonsense")
    with pytest.raises(ConfigurationError, match="PUSHER_MOCK_URL"):
        create_broker_client("real")


def test_the_real_one_while_mocks_are_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USE_MOCKS", "true")
    with pytest.raises(
        ConfigurationError, match="the broker is to be real, and USE_MOCKS is on: set"
    ):
        create_broker_client("real")
    with override(mock_url="http://127.0.0.1:6001"):
        assert type(publisher(create_broker_client("real"))) is pusher.Pusher


@pytest.mark.parametrize("value", ["redis", "true"])
def test_neither(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROKER_IMPL", value)
    with pytest.raises(ConfigurationError) as caught:
        create_broker_client()
    assert str(caught.value) == (
        "Pusher is not configured.\n"
        f"  - BROKER_IMPL={value} is no broker: write mock or real; unset, USE_MOCKS decides"
    )
    with pytest.raises(ConfigurationError, match="impl=kafka is no broker: write mock or real"):
        create_broker_client("kafka")
    with pytest.raises(ConfigurationError, match="impl= is no broker"):
        create_broker_client("")


def test_the_argument_beats_the_variable(monkeypatch: pytest.MonkeyPatch, real: None):
    monkeypatch.setenv("BROKER_IMPL", "real")
    assert type(create_broker_client("mock")) is MockBroker
    monkeypatch.setenv("BROKER_IMPL", "mock")
    assert type(create_broker_client("real")) is PusherBroker


@pytest.mark.parametrize("impl", [None, "real"])
@pytest.mark.parametrize(
    "inject", [lambda made: made, lambda made: lambda: made], ids=["a client", "a factory"]
)
def test_what_is_injected_wins(
    inject: Callable[[Any], Any], impl: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BROKER_IMPL", "real")
    with create_mock_broker() as made:
        assert create_broker_client(impl, injected=inject(made)) is made


def test_a_class_is_injected():
    client = create_broker_client(injected=MockBroker)
    assert type(client) is MockBroker


def test_what_is_injected_is_a_client():
    wrong: list[Any] = [17, lambda: 17]
    for one in wrong:
        with pytest.raises(BrokerError, match="17 is no broker client: it needs publish, subsc"):
            create_broker_client(injected=one)


def test_a_config_makes_a_mock_of_its_own(mock: PusherMock, real: None):
    config = MockBrokerConfig(seed=3)
    client = create_broker_client("mock", config=config)
    assert isinstance(client, MockBroker)
    assert client.mock is not mock
    assert client.config is config
    client.close()
    for impl in ("real", None):
        with pytest.raises(BrokerError, match="config is for the mock"):
            create_broker_client(impl, config=config)


def imported(code: str) -> set[str]:
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return {"pusher", "pusher_mock", "pydantic", "pysher", "pytest", "requests"} & set(
        run.stdout.split()
    )


def test_what_it_imports(monkeypatch: pytest.MonkeyPatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(f"PUSHER_{name.upper()}", value)
    assert imported("import compat.broker") == set()
    code = "import compat.broker; compat.broker.create_broker_client()"
    assert imported(code) == {"pydantic"}
    assert imported(f"{code}._publisher()") == {"pydantic", "pusher", "requests"}


def test_public_names_exist():
    import compat.broker

    for name in compat.broker.__all__:
        assert getattr(compat.broker, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = compat.broker.nonsense
