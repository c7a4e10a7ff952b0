"""What no door answers: refused with what to do, and left alone otherwise."""

from __future__ import annotations

import http.client
import socket
import urllib.request

import pytest

from pusher_mock import NotIntercepted, PusherMock


@pytest.mark.parametrize(
    "url", ["https://api-eu.pusher.com/apps/1/channels", "http://ws.pusherapp.com:81/app/KEY"]
)
def test_urllib_is_refused_with_a_pointer(url: str, mock: PusherMock):
    with pytest.raises(NotIntercepted) as caught, mock.intercept():
        urllib.request.urlopen(f"{url}?auth_signature=s")
    assert caught.value.url == f"GET {url}"
    assert "no door answers this library; use pusher, pysher, httpx" in str(caught.value)


def test_http_client_is_refused_through_a_proxy_as_well(mock: PusherMock):
    connection = http.client.HTTPSConnection("proxy.test", 8080)
    with pytest.raises(NotIntercepted, match=r"CONNECT api-eu\.pusher\.com:443"), mock.intercept():
        connection.set_tunnel("api-eu.pusher.com")
    connection.set_tunnel("api-eu.pusher.com")
    with pytest.raises(NotIntercepted, match=r"POST https://api-eu\.pusher"), mock.intercept():
        connection.putrequest("POST", "/apps/1/events")
    asked = http.client.HTTPConnection("proxy.test", 8080)
    with pytest.raises(NotIntercepted, match=r"GET http://api-eu\.pusher"), mock.intercept():
        asked.putrequest("GET", "http://api-eu.pusher.com/apps/1/channels")
    with mock.intercept():
        http.client.HTTPSConnection("proxy.test", 8080).set_tunnel("other.test", 444)
    plain = http.client.HTTPConnection("proxy.test", 8080)
    with mock.intercept(hosts="named.test"):
        plain.putrequest("GET", "http://other.test/")
    named = http.client.HTTPConnection("named.test", 8080)
    caught = mock.intercept(hosts="named.test")
    with pytest.raises(NotIntercepted, match=r"GET http://named\.test:8080/x"), caught:
        named.putrequest("GET", "/x")


@pytest.mark.parametrize("host", ["ws-eu.pusher.com", b"ws-eu.pusher.com"])
def test_looking_a_host_up_is_refused(host: str | bytes, mock: PusherMock):
    with pytest.raises(NotIntercepted, match=r"ws-eu\.pusher\.com:443"), mock.intercept():
        socket.getaddrinfo(host, 443)


@pytest.mark.parametrize("look_up", ["gethostbyname", "gethostbyname_ex"])
def test_looking_a_host_up_the_old_way_is_refused(look_up: str, mock: PusherMock):
    with pytest.raises(NotIntercepted, match=r"ws-eu\.pusher\.com was about"), mock.intercept():
        getattr(socket, look_up)("ws-eu.pusher.com")


@pytest.mark.enable_socket
def test_other_hosts_are_looked_up(mock: PusherMock):
    with mock.intercept(hosts="localhost"):
        assert socket.getaddrinfo("localhost", "http")
        assert socket.getaddrinfo(None, 80)
        assert socket.gethostbyname("localhost") == "127.0.0.1"


@pytest.mark.enable_socket
def test_allow_real_lets_it_out(mock: PusherMock):
    with (
        mock.intercept(allow_real="*.pusher.com"),
        pytest.raises(OSError, match=r"[Nn]ame|known|resolution"),
    ):
        socket.getaddrinfo("ws-nowhere.pusher.com", 443)


@pytest.mark.enable_socket
def test_monitoring_may_have_wrapped_it(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    original = socket.getaddrinfo
    asked = []

    def watched(*args: object) -> object:
        asked.append(args[0])
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    with mock.intercept():
        socket.getaddrinfo("localhost", 80)
    assert asked == ["localhost"]
    assert socket.getaddrinfo is watched
