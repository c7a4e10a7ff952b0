"""A broker client over Pusher: messages on topics, by the real SDKs or by the mock.

`create_broker_client()` decides which. Importing this imports neither an SDK nor the mock.
"""

from typing import TYPE_CHECKING, Any

from compat.broker.client import BrokerClient, Handler
from compat.broker.errors import BrokerDisconnected, BrokerError, InvalidMessage, InvalidTopic
from compat.broker.factory import create_async_broker_client, create_broker_client
from compat.broker.messages import BROKER_EVENT, BrokerMessage
from compat.broker.over_pusher import PusherBroker

if TYPE_CHECKING:
    from compat.broker.awaiting import AsyncBroker
    from compat.broker.config import BrokerFault, MockBrokerConfig
    from compat.broker.mock import MockBroker, create_mock_broker
    from compat.broker.wrapping import with_mock_broker

__all__ = [
    "BROKER_EVENT",
    "AsyncBroker",
    "BrokerClient",
    "BrokerDisconnected",
    "BrokerError",
    "BrokerFault",
    "BrokerMessage",
    "Handler",
    "InvalidMessage",
    "InvalidTopic",
    "MockBroker",
    "MockBrokerConfig",
    "PusherBroker",
    "create_async_broker_client",
    "create_broker_client",
    "create_mock_broker",
    "with_mock_broker",
]

_HOMES = {
    "AsyncBroker": "awaiting",
    "BrokerFault": "config",
    "MockBroker": "mock",
    "MockBrokerConfig": "config",
    "create_mock_broker": "mock",
    "with_mock_broker": "wrapping",
}


def __getattr__(name: str) -> Any:
    # PEP 562: what is for tests imports the mock.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"compat.broker.{home}"), name)
