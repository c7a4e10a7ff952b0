"""Consumers of a feed: by pysher, and by hand."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from .s18_feeds.bitstamp import BitstampFeed
from .s18_feeds.datafeed import Datafeed
from .s18_feeds.ticker import Ticker
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock import PusherMock

SHAPE = Shape(
    18,
    "consumer with `pysher` (`connect()`, wait, `connection.is_alive()`), and one that speaks the "
    "protocol by hand to `ws.pusherapp.com:80`",
    framework="plain",
    doors=("websocket",),
    shows="both connect, subscribe, hear what is published, and hang up",
)

KEY = "18181818181818181818"
ORDER = {"price": "4000.5", "amount": 2}
PATIENCE_S = 5


@pytest.fixture(params=[Datafeed, BitstampFeed])
def feed(request: pytest.FixtureRequest, mock: PusherMock) -> Iterator[Any]:
    """A feed that is connected."""
    feed = request.param()
    if isinstance(feed, Datafeed):
        feed.connect()
    yield feed
    feed.disconnect()
    mock.wait_until(lambda: not mock.core.connections, what="it has hung up")


def publish(mock: PusherMock, channel: str = "order_book") -> None:
    mock.server(app_id="181818", key=KEY, secret="c8c8c8c8c8c8c8c8c8c8").trigger(
        channel, "data", ORDER
    )


def test_a_feed_hears_what_is_published(feed: Any, mock: PusherMock):
    assert feed.is_connected()
    heard: SimpleQueue[Any] = SimpleQueue()
    feed.on("order_book", "data", heard.put)
    mock.wait_until_subscribed("order_book")
    publish(mock)
    publish(mock, "others")
    assert heard.get(timeout=PATIENCE_S) == ORDER
    assert heard.empty()


def test_a_reader_of_the_socket_itself(mock: PusherMock):
    feed = Datafeed()
    feed.connect()
    assert feed.is_open()
    feed.disconnect()
    assert not feed.is_open()


def test_callbacks_by_hand(mock: PusherMock):
    heard: SimpleQueue[Any] = SimpleQueue()
    ticker = Ticker("live_trades", lambda event, data: heard.put((event, data)))
    mock.wait_until_subscribed("live_trades")
    publish(mock, "live_trades")
    while (event := heard.get(timeout=PATIENCE_S))[0].startswith("pusher"):
        pass
    assert event == ("data", ORDER)
    ticker.stop()
    assert not ticker.thread.is_alive()


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        BitstampFeed()


def test_other_doors_do_not_catch_pysher(others: Any):
    """An SDK is caught by the door of SDKs, too. Its thread hides what was raised there."""
    with others("sdk"):
        feed = Datafeed()
        feed.connect()
        feed.disconnect()


def test_pysher_by_the_door_of_sdks(pusher_mock: PusherMock):
    with pusher_mock.intercept("sdk"):
        feed = Datafeed()
        feed.connect()
        pusher_mock.wait_until_connected()
        feed.disconnect()
