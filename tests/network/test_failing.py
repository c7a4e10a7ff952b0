"""Calls over HTTP that fail: of publishers, of those who authorize, of webhooks."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from pusher.errors import PusherError

from pusher_mock import App, NetworkConditions, PusherMock
from pusher_mock.engine import HttpRequested
from pusher_mock.network.publishers import Failure, app_of, failure, peek
from pusher_mock.protocol.errors import UsageError

from .bench import listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# Publishers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (503, PusherError),
        (400, PusherError),
        ("timeout", requests.exceptions.ReadTimeout),
        ("refused", requests.exceptions.ConnectionError),
    ],
)
def test_how_calls_fail(mock: PusherMock, status: Any, error: type[Exception]):
    one = listen(mock)
    with mock.network.fail_publishes(status):
        for _ in range(3):
            with pytest.raises(error):
                publish(mock)
        assert f"publish fails {status}" in str(mock.network)
    assert one.got == []
    publish(mock)
    assert one.got == ["0"]
    metrics = mock.metrics()
    assert (metrics.published, metrics.retried) == (1, 3)


def test_so_many_calls(mock: PusherMock):
    one = listen(mock)
    mock.network.fail_publishes(times=2)
    for _ in range(2):
        with pytest.raises(PusherError):
            publish(mock)
    publish(mock)
    assert one.got == ["0"]
    assert mock.metrics().retried == 2


@pytest.mark.parametrize("status", [503, "timeout"])
def test_only_the_answer_is_lost(mock: PusherMock, status: Any):
    one = listen(mock)
    mock.network.fail_publishes(status, times=1, accepted=True)
    with pytest.raises((PusherError, requests.exceptions.ReadTimeout)):
        publish(mock)
    assert one.got == ["0"]
    publish(mock)  # whoever tries again publishes twice
    assert one.got == ["0", "0"]
    metrics = mock.metrics()
    assert (metrics.published, metrics.retried) == (2, 1)


def test_another_call_is_no_retry(mock: PusherMock):
    mock.network.fail_publishes(times=1)
    with pytest.raises(PusherError):
        publish(mock)
    mock.server().trigger("a", "x", "another")
    assert mock.metrics().retried == 0
    publish(mock)
    publish(mock)
    assert mock.metrics().retried == 1


def test_questions_fail_as_well(mock: PusherMock):
    mock.network.fail_publishes(times=1)
    with pytest.raises(PusherError):
        mock.server().channels_info()
    assert mock.server().channels_info() == {"channels": {}}
    assert mock.metrics().retried == 0


def test_failed_calls_are_not_remembered_for_ever(
    mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pusher_mock.network.failing._REMEMBERED", 2)
    with mock.network.fail_publishes():
        for data in "0123":
            with pytest.raises(PusherError):
                mock.server().trigger("a", "x", data)
    for data in "0123":
        mock.server().trigger("a", "x", data)
    assert mock.metrics().retried == 2


def test_a_share_of_the_calls(mock: PusherMock):
    mock.network.conditions(error_rate=0.5, error_status=502, channel="a")
    codes = []
    for _ in range(200):
        publish(mock, 1, "other")
        try:
            publish(mock)
        except PusherError as error:
            codes.append(str(error))
    assert 70 < len(codes) < 130
    assert mock.metrics().by_channel["a"].published == 200 - len(codes)
    assert mock.metrics().by_channel["other"].published == 200
    assert "respond 502" in mock.journal.dumps()


def test_a_share_of_the_calls_of_one_app():
    apps = [App("1", "key-1", "secret-1"), App("2", "key-2", "secret-2")]
    mock = PusherMock(apps=apps)
    mock.network.conditions(error_rate=1, app="2")
    mock.server(apps[0]).channels_info()
    with pytest.raises(PusherError):
        mock.server(apps[1]).channels_info()
    assert "respond 503" in mock.journal.dumps()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"status": 200}, "a call fails with a status from 400, 'timeout' or 'refused', not 200"),
        ({"status": "later"}, "a call fails with a status from 400"),
        ({"times": 0}, "times takes a number from 1, or None for all, not 0"),
        ({"status": "refused", "accepted": True}, "cannot have been accepted"),
    ],
)
def test_what_cannot_be_said(mock: PusherMock, options: dict[str, Any], why: str):
    with pytest.raises(UsageError, match=why):
        mock.network.fail_publishes(**options)


def test_how_a_failure_reads():
    assert str(failure(503)) == "503"
    assert str(failure("timeout", accepted=True)) == "timeout (accepted)"
    assert failure("refused") == Failure("refused")


# What a call would publish ---------------------------------------------------------------------


def request(body: bytes, path: str = "/apps/7/events", method: str = "POST") -> HttpRequested:
    return HttpRequested(method, path, (), body)


def test_looking_into_a_call():
    one = peek(request(b'{"name":"x","channels":["a","b"],"data":"1","socket_id":"1.2"}'), 5)
    assert [(e.app, e.channel, e.event, e.raw, e.socket_id) for e in one] == [
        ("7", "a", "x", "1", "1.2"),
        ("7", "b", "x", "1", "1.2"),
    ]
    batch = request(b'{"batch":[{"name":"x","channel":"a","data":"1"}]}', "/apps/7/batch_events")
    assert [e.channel for e in peek(batch, 5)] == ["a"]


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"[]", b'"x"', b'{"name":"x"}', b'{"batch":5}', b'{"channels":["a"]}', b"5"],
)
def test_a_call_that_cannot_be_read(body: bytes):
    assert peek(request(body), 0) == []


def test_a_call_that_publishes_nothing():
    assert peek(request(b"{}", method="GET"), 0) == []
    assert peek(request(b"{}", "/apps/7/channels"), 0) == []
    assert app_of(request(b"", "/apps/7/events")) == "7"
    assert app_of(request(b"", "/health")) is None


# Authorizations --------------------------------------------------------------------------------


def test_authorizations_fail(mock: PusherMock):
    client = mock.client(connect=True)
    with mock.network.fail_authorizations(channel="private-*"), pytest.raises(AssertionError):
        client.subscribe("private-a")
    assert "authorization of private-a fails 500" in mock.journal.dumps()
    client.subscribe("private-a")
    assert mock.state.get_subscriber_count("private-a") == 1


@pytest.mark.parametrize("status", ["timeout", "refused"])
def test_nobody_authorizes(mock: PusherMock, status: str):
    client = mock.client(connect=True)
    mock.network.fail_authorizations(status, times=1)
    with pytest.raises(requests.exceptions.RequestException):
        client.subscribe("private-a")
    client.subscribe("private-a")
    assert mock.state.get_subscriber_count("private-a") == 1


def test_a_share_of_the_authorizations():
    mock = PusherMock(network="flaky-auth")
    client = mock.client(connect=True)
    failed = 0
    for number in range(200):
        try:
            client.subscribe(f"private-{number}")
        except AssertionError:
            failed += 1
    assert 40 < failed < 80


def test_authorizations_of_one_connection(mock: PusherMock):
    one, other = mock.client(connect=True), mock.client(connect=True)
    mock.network.conditions(auth_error_rate=1, connection=one)
    with pytest.raises(AssertionError):
        one.subscribe("private-a")
    other.subscribe("private-a")
    assert mock.network.authorization_failure("private-a") is None  # whose it is, nobody says
    assert mock.network.authorization_failure("private-a", "1", "9.9") is None


def test_good_weather_authorizes(mock: PusherMock):
    assert mock.network.authorization_failure("private-a") is None
    assert mock.network.webhook_failure("https://app.test/hooks") is None


# Webhooks --------------------------------------------------------------------------------------


def test_webhooks_fail(mock: PusherMock):
    network = mock.network
    with network.fail_webhooks("timeout", url="*/hooks", times=1):
        assert network.webhook_failure("https://app.test/other") is None
        assert network.webhook_failure("https://app.test/hooks") == Failure("timeout")
        assert network.webhook_failure("https://app.test/hooks") is None
    assert network.calm


def test_somebody_tries_again(mock: PusherMock):
    mock.network.note_retry("a", "x")
    assert mock.metrics().retried == mock.metrics().by_event["x"].retried == 1


# Who gets in -----------------------------------------------------------------------------------


def test_rates_hold_for_whom_they_are_said(mock: PusherMock):
    network = mock.network
    network.conditions(stale_rate=1, connection="mock-connection-9")
    network.conditions(stale_rate=1, app="9")
    network.conditions(error_rate=1, channel="a")
    assert listen(mock).state == "connected"
    assert network.rate("stale_rate", "1", None, ("mock-connection-9", "1.1")) == 1
    assert network.rate("stale_rate", "1", None, ("mock-connection-8", "1.1")) == 0
    assert network.rate("stale_rate", "9", None, None) == 1
    assert network.rate("error_rate", None, "a", None) == 1
    assert network.rate("error_rate", "1", "b", None) == 0
    network.use("perfect", app="9")
    assert network.rate("stale_rate", "9", None, None) == 0
    assert network.rate("error_rate", "1", "a", None) == 1


def test_conditions_for_publishers_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pusher_mock.network.ground._MOST", 2)
    mock = PusherMock()
    mock.network.use(NetworkConditions(latency=5), direction="publish")
    one = listen(mock, "a", "b", "c", "d")
    for channel in "abcdabcd":
        publish(mock, 1, channel)
    assert len(mock.network._publishing) <= 2
    mock.clock.advance(5)
    assert len(one.got) == 8
