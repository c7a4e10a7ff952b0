"""The switch follows Django's settings, and every way to change them in a test."""

from collections.abc import Callable
from typing import Any

import pusher
import pytest
from articles import realtime
from django.conf import settings as django_settings
from django.test import AsyncClient, override_settings

from compat import (
    ConfigurationError,
    frontend_config,
    get_async_pusher_server,
    get_pusher_client,
    get_pusher_server,
    is_mocked,
    override,
    pusher_server,
)
from pusher_mock import MockPusherClient, MockPusherServer, PusherMock

ON, OFF = MockPusherServer, pusher.Pusher


def test_credentials_of_the_settings():
    assert type(realtime.server()) is OFF
    server = pusher_server._pusher_client
    assert (server.app_id, server.key, server.secret) == (
        "1234",
        "key-of-settings",
        "secret-of-settings",
    )
    assert frontend_config() == {"key": "key-of-settings", "cluster": "eu"}


def test_settings_beat_the_environment_and_an_override_beats_both(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("PUSHER_KEY", "key-of-environment")
    assert frontend_config()["key"] == "key-of-settings"
    with override(key="key-of-override"):
        assert frontend_config()["key"] == "key-of-override"
    with override_settings(PUSHER_KEY=None):  # unset: the environment counts
        assert frontend_config()["key"] == "key-of-environment"


def test_a_wrong_value_is_found_where_it_stands():
    with (
        override_settings(USE_MOCKS="perhaps", PUSHER_PORT="http"),
        pytest.raises(ConfigurationError) as caught,
    ):
        get_pusher_server()
    assert "USE_MOCKS (Django's settings) is 'perhaps'" in str(caught.value)
    assert "PUSHER_PORT (Django's settings): write a whole number" in str(caught.value)


@pytest.mark.parametrize("value", [True, "true", 1, "on"])
def test_override_settings_flips_a_module_level_client(value: object):
    """In both directions: the name was imported when the settings said nothing."""
    assert realtime.server_class() is OFF
    with override_settings(USE_MOCKS=value):
        assert realtime.server_class() is ON
        assert isinstance(get_pusher_client(), MockPusherClient)
        with override_settings(USE_MOCKS=False):
            assert realtime.server_class() is OFF
            assert not is_mocked()
        assert realtime.server_class() is ON
    assert realtime.server_class() is OFF


@override_settings(USE_MOCKS=True)
def test_override_settings_as_a_decorator(monkeypatch: pytest.MonkeyPatch):
    assert realtime.server_class() is ON
    monkeypatch.setenv("USE_MOCKS", "false")
    assert realtime.server_class() is ON  # settings beat the environment


def test_the_environment_flips_it(monkeypatch: pytest.MonkeyPatch):
    for value, expected in (("true", ON), ("false", OFF), ("1", ON), ("", OFF)):
        monkeypatch.setenv("USE_MOCKS", value)
        assert realtime.server_class() is expected


def test_a_fixture_flips_it_on(use_mocks: PusherMock):
    assert realtime.server_class() is ON
    realtime.announce("hello")
    use_mocks.assert_triggered("articles", "announced", {"title": "hello"})


@override_settings(USE_MOCKS=True)
def test_a_fixture_flips_it_off(pusher_settings: Callable[..., None]):
    assert realtime.server_class() is ON
    pusher_settings(use_mocks=False)
    assert realtime.server_class() is OFF
    pusher_settings(use_mocks=True, key="mine")
    assert realtime.server_class() is ON
    assert frontend_config()["key"] == "mine"


def test_after_the_fixtures_everything_is_as_before():
    assert realtime.server_class() is OFF
    assert frontend_config()["key"] == "key-of-settings"


def test_an_active_mock_means_on_while_nothing_says_otherwise(pusher_mock: PusherMock):
    assert realtime.server_class() is ON
    with override_settings(USE_MOCKS=False):
        assert realtime.server_class() is OFF
    with override(use_mocks=False):
        assert realtime.server_class() is OFF
    pusher_mock.deactivate()
    assert realtime.server_class() is OFF
    pusher_mock.activate()
    assert realtime.server_class() is ON


async def test_for_coroutines():
    outside = get_async_pusher_server()
    assert type(outside) is OFF
    with PusherMock() as mock, override_settings(USE_MOCKS=True):
        inside = get_async_pusher_server()
        assert type(inside) is ON
        await inside.trigger("c", "e", {})
        with override_settings(PUSHER_KEY="another"):
            assert get_async_pusher_server() is not inside
            await get_async_pusher_server().trigger("c", "e", {})
        assert [event.app for event in mock.published()] == ["1234", "1234-of-another"]
        with override_settings(USE_MOCKS=False), mock.intercept():
            answer = await AsyncClient().post("/articles/awaited", {"title": "caught"})
            assert answer.status_code == 201
        mock.assert_triggered("articles", "announced", {"title": "caught"}, times=1)
    assert type(get_async_pusher_server()) is OFF


def test_the_settings_fixture_of_pytest_django(settings: Any):
    settings.USE_MOCKS = True
    assert realtime.server_class() is ON
    del settings.USE_MOCKS
    assert realtime.server_class() is OFF
    settings.PUSHER_CLUSTER = "us2"
    assert frontend_config()["cluster"] == "us2"


def test_a_setting_assigned_or_deleted_in_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(django_settings, "USE_MOCKS", True, raising=False)
    assert realtime.server_class() is ON
    monkeypatch.setattr(django_settings, "USE_MOCKS", False)
    assert realtime.server_class() is OFF
    with override_settings():
        del django_settings.PUSHER_CLUSTER
        assert frontend_config()["cluster"] == "mt1"
    assert frontend_config()["cluster"] == "eu"


def test_unrelated_settings_keep_what_was_built():
    before = get_pusher_server()
    with override_settings(LANGUAGE_CODE="de"):
        assert get_pusher_server() is before
    assert get_pusher_server() is before


def test_a_setting_overridden_with_none_after_another_override():
    with override_settings(LANGUAGE_CODE="de"):
        assert frontend_config()["cluster"] == "eu"
    with override_settings(PUSHER_CLUSTER=None):
        assert frontend_config()["cluster"] == "mt1"


def test_a_settings_object_of_another_library(monkeypatch: pytest.MonkeyPatch):
    class Settings:
        configured = True
        DEBUG = False
        USE_MOCKS = True
        PUSHER_KEY = "elsewhere"

    import django.conf

    monkeypatch.setattr(django.conf, "settings", Settings())
    assert realtime.server_class() is ON
    assert frontend_config()["key"] == "elsewhere"
    monkeypatch.setattr(Settings, "PUSHER_KEY", "changed")
    assert frontend_config()["key"] == "changed"
