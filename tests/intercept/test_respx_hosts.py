"""Which hosts the respx door answers, and several mocks on one router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from respx.models import AllMockedAssertionError

from pusher_mock import App, PusherMock, UsageError
from pusher_mock.intercept.respx import ROUTE_NAME, mount

from .calls import HOST, publish

if TYPE_CHECKING:
    import respx

# Hosts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "https://api-eu.pusher.com",  # facts 2.1.1
        "http://api-us3.pusher.com",
        "https://api-mock-cluster.pusher.com",
        "https://api.pusherapp.com",
        "http://api.pusherapp.com:80",
        "https://api-eu.pusher.com:443",
        "http://api-eu.pusher.com:8080",
        "https://API-EU.Pusher.com",
    ],
)
def test_hosts_of_the_service(host: str, router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    assert publish(host=host).json() == {}


@pytest.mark.parametrize(
    "host",
    [
        "https://api-eu.pusher.com.evil.test",
        "https://evil.test/api-eu.pusher.com",
        "https://xapi-eu.pusher.com",
        "https://api-.pusher.co",
        "https://ws-eu.pusher.com",
        "https://api-eu-pusher.com",
        "https://apixpusherapp.com",
        "https://localhost:8080",
    ],
)
def test_other_hosts_are_not_touched(host: str, router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    with pytest.raises(AllMockedAssertionError):
        publish(host=host)
    assert len(mock.journal) == 0


@pytest.mark.parametrize(
    ("given", "answered", "not_answered"),
    [
        ("localhost:8080", ["http://localhost:8080"], ["http://localhost", "http://localhost:808"]),
        (
            ["pusher.internal"],
            ["http://pusher.internal", "https://pusher.internal", "http://pusher.internal:6001"],
            ["http://pusher-internal", "http://x.pusher.internal"],
        ),
        (["a.test:443", "b.test:80"], ["https://a.test", "http://b.test"], ["http://a.test"]),
        (["Pusher.Internal"], ["http://pusher.internal"], []),
        (["127.0.0.1:6001"], ["http://127.0.0.1:6001"], ["http://127.0.0.1"]),
        (["[::1]:8080"], ["http://[::1]:8080"], ["http://[::1]"]),
        (["[::1]"], ["http://[::1]:9"], []),
        ((one for one in ["x.test"]), ["http://x.test"], []),
    ],
)
def test_further_hosts(
    given: Any,
    answered: list[str],
    not_answered: list[str],
    router: respx.MockRouter,
    mock: PusherMock,
):
    mount(router, mock, hosts=given)
    for host in [*answered, HOST]:
        assert publish(host=host).json() == {}
    for host in not_answered:
        with pytest.raises(AllMockedAssertionError):
            publish(host=host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "http://localhost",
        "localhost/path",
        "localhost:",
        "localhost:x",
        "user@h",
        "a b",
        "h?x",
        "h#x",
        "::1",
    ],
)
def test_what_is_no_host(host: str, router: respx.MockRouter):
    with pytest.raises(UsageError, match="hosts takes host names such as 'localhost:8080', not"):
        mount(router, hosts=[host])
    assert ROUTE_NAME not in router.routes


# Several on one router --------------------------------------------------------------------------


def test_a_mock_for_each_cluster(router: respx.MockRouter):
    eu, us = PusherMock(), PusherMock()
    one = mount(router, eu, hosts="api-eu.pusher.com", service_hosts=False, name="eu")
    two = mount(router, us, hosts="api-us3.pusher.com", service_hosts=False, name="us")
    publish(host="https://api-eu.pusher.com")
    publish(host="https://api-us3.pusher.com")
    publish(host="https://api-us3.pusher.com")
    assert (len(eu.published()), len(us.published())) == (1, 2)
    assert (one.call_count, two.call_count) == (1, 2)
    assert router["eu"] is one
    with pytest.raises(AllMockedAssertionError):
        publish(host="https://api-ap1.pusher.com")


def test_the_service_and_a_host_of_ones_own(router: respx.MockRouter):
    service, own = PusherMock(), PusherMock()
    mount(router, service)
    mount(router, own, hosts="localhost:6001", name="own")
    publish()
    publish(host="http://localhost:6001")
    assert (len(service.published()), len(own.published())) == (1, 1)


def test_apps_of_one_mock(router: respx.MockRouter):
    mock = PusherMock(apps=[App("1", "k1", "s1"), App("2", "k2", "s2")], strict=True)
    mount(router, mock)
    assert publish(app="1", key="k1", secret="s1").json() == {}
    assert publish(app="2", key="k2", secret="s2").json() == {}
    assert (
        publish(app="2", key="k1", secret="s1").text == "Token validated, but invalid for app 2\n"
    )
    assert [one.app for one in mock.published()] == ["1", "2"]


def test_a_name_is_taken_once(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    with pytest.raises(UsageError, match="a route 'pusher-mock' already; mount a second mock"):
        mount(router, mock)
    # respx would replace a route with the same pattern
    with pytest.raises(UsageError, match="a route for these very hosts already"):
        mount(router, PusherMock(), name="second")
    publish()
    mock.assert_triggered("c", "e")


def test_no_host_at_all(router: respx.MockRouter):
    with pytest.raises(UsageError, match=r"mount\(service_hosts=False\) answers nothing"):
        mount(router, service_hosts=False)
