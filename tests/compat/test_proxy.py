"""`pusher_server` passes for the server of the moment."""

import copy
import inspect
import pickle
import weakref
from typing import Any
from unittest import mock

import pusher
import pytest

from compat import ConfigurationError, get_pusher_server, override, pusher_server
from pusher_mock import MockPusherServer

pytestmark = pytest.mark.usefixtures("real")


def test_it_resolves_at_each_access():
    assert pusher_server._pusher_client.key == "real-key"
    with override(key="other"):
        assert pusher_server._pusher_client.key == "other"
    with override(use_mocks=True, app_id="not-a-number"):
        assert pusher_server._pusher_client.app_id == "not-a-number"
    assert pusher_server._pusher_client is get_pusher_server()._pusher_client


def test_a_method_taken_from_it_stays_with_its_server():
    trigger = pusher_server.trigger
    assert inspect.ismethod(trigger)
    with override(key="other"):
        assert trigger.__self__ is not get_pusher_server()
    assert trigger.__self__ is get_pusher_server()


def test_isinstance():
    assert isinstance(pusher_server, pusher.Pusher)
    assert pusher_server.__class__ is pusher.Pusher
    assert not isinstance(pusher_server, MockPusherServer)
    with override(use_mocks=True):
        assert isinstance(pusher_server, pusher.Pusher)
        assert isinstance(pusher_server, MockPusherServer)


def test_patch_object():
    server = get_pusher_server()
    with mock.patch.object(pusher_server, "trigger", return_value={"patched": True}) as trigger:
        assert pusher_server.trigger("c", "e", {}) == {"patched": True}
        assert server.trigger is trigger
    assert "trigger" not in vars(server)
    with mock.patch.object(pusher_server, "trigger", autospec=True):
        pusher_server.trigger("c", "e", {})
        with pytest.raises(TypeError):
            pusher_server.trigger()  # type: ignore[call-arg]
    assert "trigger" not in vars(server)


def test_attributes_are_set_on_the_server():
    proxy: Any = pusher_server
    proxy.label = "mine"
    assert get_pusher_server().label == "mine"  # type: ignore[attr-defined]
    with override(key="other"), pytest.raises(AttributeError):
        _ = proxy.label
    del proxy.label
    assert not hasattr(get_pusher_server(), "label")
    assert vars(pusher_server) == vars(get_pusher_server())
    assert dir(pusher_server) == dir(get_pusher_server())


def test_repr_tells_which_and_no_secret():
    text = "<compat.pusher_server real app_id='42' cluster='eu' host=None>"
    assert repr(pusher_server) == str(pusher_server) == text
    with override(use_mocks=True, host="h.test"):
        assert repr(pusher_server) == (
            "<compat.pusher_server mock app_id='42' cluster='eu' host='h.test'>"
        )


def test_unconfigured_it_can_be_looked_at_but_not_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PUSHER_KEY")
    assert repr(pusher_server) == "<compat.pusher_server not configured>"
    assert isinstance(pusher_server, pusher.Pusher) is False
    with pytest.raises(ConfigurationError, match="the key is missing"):
        _ = pusher_server.trigger


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_names_it(protocol: int):
    text = pickle.dumps({"client": pusher_server}, protocol)
    assert b"real-secret" not in text
    with override(use_mocks=True):
        assert isinstance(pickle.loads(text)["client"], MockPusherServer)
    assert pickle.loads(text)["client"] is pusher_server


def test_copies_are_itself():
    assert copy.copy(pusher_server) is pusher_server
    assert copy.deepcopy([pusher_server])[0] is pusher_server
    assert weakref.ref(pusher_server)() is pusher_server
    assert pusher_server in {pusher_server}
