"""Whose settings count. Django's are tested in `tests/django_project`."""

import gc
import sys
from types import SimpleNamespace

import flask
import pytest

from compat import frameworks, frontend_config, get_pusher_server, is_mocked, override
from compat.frameworks import active, mock_is_active, use_flask_app
from compat.state import current
from pusher_mock import MockPusherServer, PusherMock


def app(**config: object) -> flask.Flask:
    made = flask.Flask("test")
    made.config.update(config)
    return made


def test_without_a_framework_nothing_is_set():
    found = active()
    assert (found.values(), found.fingerprint(), found.is_development()) == ({}, None, True)


@pytest.mark.usefixtures("real")
def test_in_a_context_the_configuration_of_its_application_counts():
    one, two = app(PUSHER_KEY="one"), app(PUSHER_KEY="two", USE_MOCKS=True)
    with one.app_context():
        assert frontend_config()["key"] == "one"
        server = get_pusher_server()
        with two.app_context():
            assert frontend_config()["key"] == "two"
            assert isinstance(get_pusher_server(), MockPusherServer)
        assert get_pusher_server() is server  # they do not take turns in one place
        one.config["PUSHER_KEY"] = "changed"
        assert frontend_config()["key"] == "changed"
        with override(key="override"):
            assert frontend_config()["key"] == "override"
    assert frontend_config()["key"] == "real-key"
    with two.app_context():
        assert is_mocked()
        two.config["USE_MOCKS"] = False
        assert not is_mocked()


@pytest.mark.usefixtures("real")
def test_outside_of_a_context_the_application_that_was_named_last_counts():
    one, two = app(PUSHER_KEY="one"), app(PUSHER_KEY="two")
    use_flask_app(one)
    assert frontend_config()["key"] == "one"
    use_flask_app(two)
    assert frontend_config()["key"] == "two"
    with one.app_context():
        assert frontend_config()["key"] == "one"
    del two
    gc.collect()
    assert frontend_config()["key"] == "real-key"


def test_an_application_that_is_gone_while_its_settings_are_asked_for():
    gone = frameworks._Flask(app(PUSHER_KEY="k", DEBUG=True))
    gc.collect()
    assert set(gone.values().values()) == {None}
    assert not gone.is_development()


@pytest.mark.usefixtures("real")
def test_django_without_settings_does_not_count(monkeypatch: pytest.MonkeyPatch):
    conf = SimpleNamespace(settings=SimpleNamespace(configured=False))
    monkeypatch.setitem(sys.modules, "django.conf", conf)
    assert active().place == ""


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, False),
        ({"DEBUG": False}, False),
        ({"DEBUG": True}, True),
        ({"TESTING": True}, True),
    ],
)
def test_what_is_development_for_flask(config: dict[str, object], expected: bool):
    with app(**config).app_context():
        assert active().is_development() is expected


def test_an_active_mock_decides_while_the_switch_is_not_set(monkeypatch: pytest.MonkeyPatch):
    assert not mock_is_active()
    assert not is_mocked()
    with PusherMock():
        assert mock_is_active()
        assert is_mocked()
        reading = current()
        assert current() is reading
        monkeypatch.setenv("USE_MOCKS", "false")
        assert not is_mocked()
    monkeypatch.setenv("USE_MOCKS", "true")
    reading = current()
    with PusherMock():
        assert current() is reading  # it did not decide, so it does not count


def test_the_mock_need_not_be_loaded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "pusher_mock.core.current")
    assert not mock_is_active()
