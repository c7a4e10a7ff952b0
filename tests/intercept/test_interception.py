"""One verb: what is caught, for which mock, how it nests, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
import gc
import pickle
import socket
import sys
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from unittest import mock as unittest_mock

import httpx
import pusher
import pytest
import requests
from pusher.requests import RequestsBackend
from tests.versions import USERS

from pusher_mock import (
    App,
    Interception,
    NotIntercepted,
    PusherMock,
    UsageError,
    current_mock,
    intercepted,
)
from pusher_mock.intercept import doors, routing
from pusher_mock.intercept.interception import from_option

from .calls import KEY, SECRET, get, publish

# Clients and bound methods that were there before anything was intercepted.
BUILT_AT_IMPORT = pusher.Pusher("1", KEY, SECRET, cluster="eu")
TRIGGER = BUILT_AT_IMPORT.trigger

API = "https://api-eu.pusher.com"
CHANNELS = f"{API}/apps/1/channels"


@pytest.fixture(autouse=True)
def _left_alone() -> Any:
    """No test leaves a patched function behind."""
    for modules in doors.DOORS.values():
        doors.load(modules)
    doors.load(["stdlib"])
    yield
    assert not routing.active
    assert not [seam for seams in doors._seams.values() for seam in seams if seam.installed]


# What is caught -----------------------------------------------------------------------------------


def test_a_client_that_was_built_before(mock: PusherMock):
    client = mock.client(connect=True)
    heard: list[str] = []
    client.subscribe("c").bind("e", heard.append)
    with mock.intercept() as same:
        assert same is mock
        assert TRIGGER("c", "e", {"n": 1}) == {}
        assert BUILT_AT_IMPORT.channel_info("c") == {"occupied": True}
    assert heard == ['{"n": 1}']
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


def test_a_client_with_credentials_of_its_own(mock: PusherMock):
    theirs = pusher.Pusher("27", "their-key", "their-secret", host="soketi.test", port=6001)
    with mock.intercept():
        theirs.trigger("c", "e", "text")
        with pytest.raises(pusher.errors.PusherBadAuth):
            pusher.Pusher("27", "their-key", "another").trigger("c", "e", "text")
    mock.assert_triggered("c", "e", "text", times=1)


def test_what_a_client_signs_is_accepted_before_it_has_published(mock: PusherMock):
    theirs = pusher.Pusher("27", "their-key", "their-secret", cluster="eu")
    client = mock.client(key="their-key", secret="", connect=True)
    with mock.intercept("sdk"):
        box = client.connection.socket_id
        token = theirs.authenticate("private-c", box)["auth"]
    client.subscribe("private-c", token)
    mock.wait_until_subscribed("private-c")
    # Another secret for that key is refused, so the mock has learnt it from the signature's maker.
    wrong = mock.client(key="their-key", secret="wrong", connect=True)
    refused: list[Any] = []
    wrong.connection.bind("pusher:error", refused.append)
    wrong.subscribe("private-d")
    assert "Invalid signature" in refused[0]["message"]


def test_the_current_mock():
    with PusherMock() as outer, intercepted():
        TRIGGER("c", "outer", {})
        with PusherMock() as inner:
            TRIGGER("c", "inner", {})
    outer.assert_triggered("c", "outer")
    outer.assert_not_triggered("c", "inner")
    inner.assert_triggered("c", "inner")


def test_a_decorated_function(pusher_mock: PusherMock):
    @intercepted("sdk", "httpx")
    def work(text: str, *, more: str) -> str:
        TRIGGER("c", "e", text + more)
        return publish().text

    assert work("a", more="b") == "{}"
    assert work("a", more="c") == "{}"
    pusher_mock.assert_triggered("c", "e", "ab")
    assert work.__name__ == "work"


def test_a_decorated_coroutine(pusher_mock: PusherMock):
    @intercepted()
    async def work() -> int:
        async with httpx.AsyncClient() as client:
            return (await client.get(CHANNELS)).status_code

    assert asyncio.run(work()) == 401


def test_a_decorated_generator(pusher_mock: PusherMock):
    @intercepted()
    def work() -> Any:
        yield publish().text
        return "done"

    assert list(work()) == ["{}"]
    pusher_mock.assert_triggered("c", "e")


async def _later() -> None:
    publish()


async def _stream() -> Any:
    yield publish()


@pytest.mark.parametrize("odd", [staticmethod(print), classmethod(print), _stream])
def test_what_cannot_be_decorated(odd: Any):
    with pytest.raises(UsageError, match="put it below @staticmethod"):
        intercepted()(odd)


def test_a_function_that_returns_a_coroutine():
    def work() -> Any:
        return _later()

    with pytest.raises(UsageError, match="has returned a coroutine"):
        intercepted()(work)()


def test_a_class_is_not_decorated():
    with pytest.raises(UsageError, match="decorates functions"):
        intercepted()(type("Tests", (), {}))


def test_start_and_stop(mock: PusherMock):
    caught = mock.intercept("sdk")
    assert caught.mock is mock
    assert repr(caught) == "<Interception sdk>"
    assert caught.start() is caught
    assert repr(caught) == "<Interception sdk active>"
    TRIGGER("c", "e", {})
    caught.stop()
    with pytest.raises(UsageError, match="has not begun"):
        caught.stop()
    assert intercepted().mock is current_mock()


def test_the_words_of_mistakes(mock: PusherMock):
    with pytest.raises(UsageError, match=r"no door 'http': name sdk, httpx, .* or all for all"):
        mock.intercept("http")
    with pytest.raises(UsageError, match=r"one by one, as in intercept\('sdk', 'httpx'\), not"):
        mock.intercept(["sdk"])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="there is no door ''"):
        mock.intercept("")
    with pytest.raises(UsageError, match="allow_real takes host names such as"):
        mock.intercept(allow_real="https://api-eu.pusher.com")
    with pytest.raises(UsageError, match="hosts takes host names"):
        mock.intercept(hosts=["localhost:six"])
    for wrong in ("127.0.0.1:6001", "ftp://localhost", "http://", "http://localhost:x", 6001):
        with pytest.raises(UsageError, match="forward_to takes a server"):
            mock.intercept(forward_to=wrong)
    with pytest.raises(UsageError, match=r"allow_real=\['pusher.example'\]"):
        mock.intercept(forward_to="https://pusher.example")
    given = mock.intercept(forward_to="https://pusher.example", allow_real="pusher.example")
    assert repr(given).endswith(" to https://pusher.example:443>")
    assert "[::1]:81" in repr(mock.intercept(forward_to="http://[::1]:81"))


# Strictness ---------------------------------------------------------------------------------------


def test_a_door_that_was_not_named(mock: PusherMock):
    with pytest.raises(NotIntercepted) as caught, mock.intercept("httpx"):
        requests.get(CHANNELS)
    assert caught.value.url == f"GET {CHANNELS}"
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.url) == (str(caught.value), caught.value.url)
    assert str(caught.value) == (
        f"GET {CHANNELS} was about to be called: the door 'requests' is not among those that "
        "intercept here; name it as well, or let everything to that host out, the SDK's calls "
        "too: allow_real=['api-eu.pusher.com']"
    )


def test_the_sdk_comes_by_another_door_when_its_own_is_not_named(mock: PusherMock):
    with mock.intercept("requests"):
        TRIGGER("c", "e", {})
    mock.assert_triggered("c", "e")


def test_what_the_application_swallows_is_raised_at_the_end(mock: PusherMock):
    def swallow() -> None:
        with suppress(NotIntercepted):
            requests.get(CHANNELS)

    with pytest.raises(NotIntercepted, match="GET https"), mock.intercept("sdk"):
        swallow()

    def swallow_and_fail() -> None:
        swallow()
        raise KeyError

    caught = mock.intercept("sdk").start()
    swallow()
    swallow()
    with pytest.raises(ExceptionGroup, match="2 calls were about to leave") as group:
        caught.stop()
    assert len(group.value.exceptions) == 2
    # What else went wrong comes first, and says more.
    with pytest.raises(KeyError), mock.intercept("sdk"):
        swallow_and_fail()
    caught = mock.intercept("sdk")
    with caught:
        swallow()
        assert [one.url for one in caught.escaped] == [f"GET {CHANNELS}"]
        caught.escaped.clear()


def test_without_strictness_it_goes_where_it_was_going(mock: PusherMock):
    with mock.intercept("httpx", strict=False), pytest.raises(Exception, match=r"[Ss]ocket"):
        requests.get("http://api-eu.pusher.com:1/", timeout=1)


def test_allow_real(mock: PusherMock, caplog: pytest.LogCaptureFixture):
    with mock.intercept(allow_real=["*.pusher.com"]), pytest.raises(Exception, match=r"[Ss]ocket"):
        TRIGGER("c", "e", {})
    assert not mock.published()
    assert "goes to the real service (allow_real)" in caplog.text


def test_allow_real_for_a_host_of_ones_own(mock: PusherMock, caplog: pytest.LogCaptureFixture):
    theirs = pusher.Pusher("1", "k", "s", host="soketi.test")
    caught = mock.intercept(hosts="soketi.test", allow_real="soketi.test")
    with caught, pytest.raises(Exception, match=r"[Ss]ocket"):
        theirs.trigger("c", "e", {})
    assert "real service" not in caplog.text


def test_a_port_that_from_url_keeps_in_the_host(mock: PusherMock):
    theirs = pusher.Pusher.from_url("http://k:s@localhost:6001/apps/1")
    odd = pusher.Pusher("1", "k", "s", host="localhost:soketi")
    caught = mock.intercept(allow_real="localhost:6001")
    with caught, pytest.raises(Exception, match=r"[Ss]ocket|Failed to parse|Invalid URL"):
        theirs.trigger("c", "e", {})
    with mock.intercept():
        theirs.trigger("c", "e", 1)
        odd.trigger("c", "e", 2)
    mock.assert_triggered("c", "e", times=2)


def test_signing_needs_no_open_mock(mock: PusherMock):
    with mock.intercept():
        mock.close()
        assert BUILT_AT_IMPORT.authenticate("private-c", "1.2")["auth"].startswith(f"{KEY}:")
        if USERS.here:
            user = BUILT_AT_IMPORT.authenticate_user("1.2", {"id": "7"})
            assert user["auth"].startswith(f"{KEY}:")
        with pytest.raises(UsageError, match="this mock is closed"):
            TRIGGER("c", "e", {})


def test_what_one_further_in_takes_does_not_leave(mock: PusherMock):
    theirs = pusher.Pusher("1", "new-key", "s", cluster="eu")
    outer = PusherMock()
    with outer.intercept(allow_real="api-eu.pusher.com"), mock.intercept():
        theirs.trigger("c", "e", {})
        assert httpx.get(CHANNELS).status_code == 401
    mock.assert_triggered("c", "e")


# Several ------------------------------------------------------------------------------------------


def test_two_mocks_for_different_apps():
    ours, theirs = App("1", "ours", "s"), App("2", "theirs", "s")
    first = PusherMock(apps=[ours], strict=True)
    second = PusherMock(apps=[theirs], strict=True)
    ours_client = pusher.Pusher("1", "ours", "s", cluster="eu")
    their_client = pusher.Pusher("2", "theirs", "s", cluster="us2")
    for outer, inner in ((first, second), (second, first)):
        with outer.intercept(), inner.intercept():
            ours_client.trigger("c", "to-ours", {})
            their_client.trigger("c", "to-theirs", {})
            assert publish(key="ours", secret="s", app="1").status_code == 200
            with pytest.raises(pusher.errors.PusherBadRequest, match="Unknown auth_key"):
                pusher.Pusher("3", "nobody", "s").trigger("c", "e", {})
    first.assert_triggered("c", "to-ours", times=2)
    first.assert_triggered("c", "e", times=2)
    first.assert_not_triggered("c", "to-theirs")
    second.assert_triggered("c", "to-theirs", times=2)
    second.assert_not_triggered("c", "to-ours")


def test_an_open_mock_takes_keys_that_nobody_knows():
    known = PusherMock(apps=[App("1", "ours", "s")], strict=True)
    other = PusherMock()
    with other.intercept(), known.intercept():
        pusher.Pusher("9", "new", "s").trigger("c", "e", {})
    other.assert_triggered("c", "e")
    known.assert_not_triggered()


def test_the_inner_one_lets_other_doors_pass_to_the_outer():
    outer, inner = PusherMock(), PusherMock()
    with outer.intercept(), inner.intercept("httpx"):
        publish()
        TRIGGER("c", "sdk", {})
    inner.assert_triggered("c", "e")
    outer.assert_triggered("c", "sdk")


def test_it_may_be_entered_again(mock: PusherMock):
    caught = mock.intercept("sdk")
    with caught, caught:
        with mock.intercept("sdk"):
            TRIGGER("c", "e", 1)
        TRIGGER("c", "e", 2)
    mock.assert_triggered("c", "e", times=2)


def test_from_another_thread(mock: PusherMock):
    with mock.intercept():
        thread = threading.Thread(target=TRIGGER, args=("c", "e", {}))
        thread.start()
        thread.join()
    mock.assert_triggered("c", "e")


# What was there before ----------------------------------------------------------------------------


def held() -> list[object]:
    return [
        vars(RequestsBackend)["send_request"],
        vars(requests.adapters.HTTPAdapter)["send"],
        vars(httpx.HTTPTransport)["handle_request"],
        vars(httpx.AsyncHTTPTransport)["handle_async_request"],
        *sys.meta_path,
    ]


def test_everything_is_the_very_object_that_it_was(mock: PusherMock):
    before = held()
    with mock.intercept():
        assert held() != before
        assert RequestsBackend.send_request.__qualname__ == "RequestsBackend.send_request"
    assert all(one is other for one, other in zip(held(), before, strict=True))
    with pytest.raises(KeyError), mock.intercept():
        raise KeyError
    assert all(one is other for one, other in zip(held(), before, strict=True))


def test_somebody_elses_double_is_there_already(mock: PusherMock):
    before = held()
    with unittest_mock.patch("pusher.requests.RequestsBackend.send_request") as double:
        double.return_value = {"theirs": True}
        with pytest.raises(
            UsageError,
            match=r"pusher.requests.RequestsBackend.send_request has been replaced already, by "
            r"unittest.mock.*begin to intercept before that",
        ):
            mock.intercept("sdk").start()
        assert TRIGGER("c", "e", {}) == {"theirs": True}
    assert held() == before
    with mock.intercept("sdk"), unittest_mock.patch.object(RequestsBackend, "send_request"):
        TRIGGER("c", "e", {})
    mock.assert_not_triggered()
    with mock.intercept("sdk"):
        TRIGGER("c", "e", {})
    mock.assert_triggered("c", "e")


def test_one_that_comes_back_is_taken_out(mock: PusherMock):
    """`monkeypatch` is undone after the mock of a test has ended."""
    original = ours = socket.getaddrinfo
    for _ in range(50):
        caught = mock.intercept().start()
        ours = socket.getaddrinfo
        socket.getaddrinfo = lambda *args, **kwargs: []
        caught.stop()
        socket.getaddrinfo = ours
    assert ours is not original
    with mock.intercept():
        pass
    assert socket.getaddrinfo is original


def test_a_library_that_is_loaded_anew(mock: PusherMock):
    import importlib

    import pusher.requests as module

    old = module.RequestsBackend
    with mock.intercept("sdk"):
        importlib.reload(module)
        client = pusher.Pusher("1", KEY, SECRET, host="push.internal")
        client.trigger("c", "e", {})
    assert module.RequestsBackend is not old
    module.RequestsBackend = old  # type: ignore[misc]
    mock.assert_triggered("c", "e")


def test_a_start_that_fails_leaves_nothing(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    before = held()
    monkeypatch.setitem(sys.modules, "pusher.gae", SimpleNamespace())
    with pytest.raises(UsageError, match=r"pusher.gae.GAEBackend.send_request is not there"):
        mock.intercept("sdk").start()
    assert held() == before


def test_nested_in_itself(mock: PusherMock):
    caught = mock.intercept("sdk")

    def fail() -> None:
        with caught:
            raise KeyError

    caught.start()
    with suppress(NotIntercepted):
        requests.get(CHANNELS)
    with suppress(KeyError):
        fail()
    with pytest.raises(NotIntercepted):
        caught.stop()


def test_somebody_elses_double_stays_longer(mock: PusherMock):
    before = held()
    caught = mock.intercept("sdk").start()
    patch = unittest_mock.patch.object(RequestsBackend, "send_request", return_value="theirs")
    patch.start()
    with pytest.raises(UsageError, match="end that first, then stop intercepting"):
        caught.stop()
    assert TRIGGER("c", "e", {}) == "theirs"
    patch.stop()  # puts ours back, which nobody takes out but the next one
    with mock.intercept("sdk"):
        TRIGGER("c", "e", {})
    mock.assert_triggered("c", "e", times=1)
    assert held() == before


def test_a_thousand_times(mock: PusherMock):
    before = held()
    caught = mock.intercept()

    def often(times: int) -> int:
        for _ in range(times):
            with caught:
                TRIGGER("c", "e", {})
            with mock.intercept("sdk"):
                pass
        mock.reset()
        gc.collect()
        return len(gc.get_objects())

    settled = often(10)
    assert often(1_000) - settled < 20
    assert held() == before


# Settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, None),
        (False, None),
        ({"doors": False}, None),
        (["false"], None),
        (True, "sdk httpx requests aiohttp websocket"),
        ("all", "sdk httpx requests aiohttp websocket"),
        (["all"], "sdk httpx requests aiohttp websocket"),
        ({"strict": False}, "sdk httpx requests aiohttp websocket"),
        ("sdk httpx", "sdk httpx"),
        ("sdk, httpx", "sdk httpx"),
        (["sdk,httpx", "all"], "sdk httpx requests aiohttp websocket"),
        (("httpx",), "httpx"),
        ({"doors": "sdk", "allow_real": "x.test"}, "sdk"),
    ],
)
def test_what_settings_ask_for(given: object, shown: str | None):
    made = from_option(given)
    assert repr(made) == ("None" if shown is None else f"<Interception {shown}>")


@pytest.mark.parametrize("given", ["", [], (), {"doors": []}, [""]])
def test_settings_that_ask_for_nothing(given: object):
    with pytest.raises(UsageError, match="this names no door: write 'all'"):
        from_option(given)


def test_get_without_a_signature(mock: PusherMock):
    with mock.intercept():
        assert get("/apps/1/channels").json() == {"channels": {}}


def test_names_at_the_top():
    import pusher_mock.intercept as room

    assert room.Interception is Interception
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        room.nothing  # noqa: B018 - asked for
