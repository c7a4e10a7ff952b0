"""What a Pusher knows: registries, recipients, history."""

from __future__ import annotations

import pytest

from pusher_mock.engine import App, AppKey, PublishedEvent
from pusher_mock.engine.state import AppState, Channel, Connection, State

from .harness import Pusher, app, hooked


def a_state(*apps: App, open_registry: bool = False) -> State:
    registered = apps or (app(),)
    return State(registered, 100, open_registry, registered[0])


# Channels and history ------------------------------------------------------------------------


def test_recipients_keep_the_order_in_which_they_came():
    channel = Channel("c")
    for name in "bca":
        channel.add(name)
    assert channel.recipients() == ("b", "c", "a")
    assert channel.recipients("c") == ("b", "a")
    assert channel.recipients("stranger") == ("b", "c", "a")
    channel.discard("b")
    assert channel.recipients() == ("c", "a")


@pytest.mark.parametrize(
    ("size", "kept"), [(0, []), (1, ["2"]), (2, ["1", "2"]), (9, ["0", "1", "2"])]
)
def test_history_keeps_the_last_events_of_each_channel(size: int, kept: list[str]):
    state = AppState(app(), size)
    for number in range(3):
        state.record(PublishedEvent("3", "c", "e", str(number), 0.0))
    state.record(PublishedEvent("3", "d", "e", "other", 0.0))
    assert [one.raw for one in state.history.get("c", ())] == kept
    assert len(state.history) == (2 if size else 0)


def test_an_engine_without_history_keeps_nothing():
    pusher = Pusher(history=0)
    pusher.publish("c", "e", "d")
    assert pusher.engine.state.apps["3"].history == {}
    assert len(pusher.published) == 1


def test_history_outlives_the_channel_and_counts_events_nobody_saw():
    pusher = Pusher(history=2)
    pusher.publish("c", "unseen", "1")
    client = pusher.connect()
    client.subscribe("c")
    pusher.publish("c", "seen", "2")
    client.unsubscribe("c")
    pusher.publish("c", "unseen", "3")
    history = pusher.engine.state.apps["3"].history["c"]
    assert [(one.event, one.raw) for one in history] == [("seen", "2"), ("unseen", "3")]


# Registries ----------------------------------------------------------------------------------


def test_a_strict_registry_learns_nothing():
    state = a_state()
    assert state.learn("9", "unknown", "s") is None
    known = state.learn("9", app().key, "another secret")
    assert known is state.apps["3"]
    assert known.ids == {"3"}
    assert known.secrets == {app().key: app().secret}


def test_an_open_registry_adds_what_it_has_not_seen():
    state = a_state(hooked(client_events=True, aliases=("33",)), open_registry=True)
    added = state.learn("9", "k9", "s9")
    assert added is not None
    assert added is state.by_key["k9"] is state.apps["9"]
    # The template's switches, but none of its names.
    assert added.config == App("9", "k9", "s9", client_events=True, webhooks=hooked().webhooks)
    assert added.ids == {"9"}


def test_the_first_secret_counts_and_every_id_is_an_alias():
    state = a_state(open_registry=True)
    by_client = state.learn(None, "k9", None)
    assert by_client is not None
    assert by_client.config == App("app-of-k9", "k9", None)
    assert state.learn("9", "k9", "first") is by_client
    assert state.learn("", "k9", "second") is by_client
    assert by_client.secrets == {"k9": "first"}
    assert by_client.config.secret == "first"
    assert by_client.ids == {"app-of-k9", "9"}


def test_a_second_key_without_a_secret_learns_it_too():
    state = a_state(app(keys=(AppKey("k2", None),)), open_registry=True)
    state.learn(None, "k2", "s2")
    assert state.apps["3"].secrets == {app().key: app().secret, "k2": "s2"}
    assert state.apps["3"].config.secret == app().secret


def test_an_id_that_is_taken_gets_another_name():
    state = a_state(app(), App("app-of-k9", "k8", "s8"), open_registry=True)
    for app_id, key, name in [("3", "k7", "3-of-k7"), (None, "k9", "app-of-k9-of-k9")]:
        added = state.learn(app_id, key, "s")
        assert added is state.apps[name]
    assert state.apps["3"].config == app()


@pytest.mark.parametrize("key", ["", "off"])
def test_an_inactive_or_empty_key_is_learnt_by_no_registry(key: str):
    # facts 2.4.8
    state = a_state(app(keys=(AppKey("off", "s", active=False),)), open_registry=True)
    assert state.learn("9", key, "s") is None
    assert list(state.apps) == ["3"]


def test_tokens_are_the_active_keys_of_all_apps():
    keys = (AppKey("k2", None), AppKey("off", "s", active=False))
    state = a_state(app(keys=keys), App("4", "k4", "s4"))
    assert state.tokens() == (
        AppKey(app().key, app().secret),
        AppKey("k2", None),
        AppKey("k4", "s4"),
    )


# Reprs ---------------------------------------------------------------------------------------


def test_reprs_tell_what_matters_and_no_secret():
    state = a_state()
    owner = state.apps["3"]
    connection = Connection("mock-connection-1", "1.1", owner, 0.0)
    assert repr(connection) == "<Connection mock-connection-1 socket_id=1.1 channels=0>"
    connection.user_id = "u"
    assert repr(connection).endswith(" channels=0 user=u>")
    channel = Channel("presence-room")
    channel.add("a")
    assert repr(channel) == "<Channel presence-room subscribers=1 members=0>"
    assert repr(Channel("room")) == "<Channel room subscribers=0>"
    assert repr(owner) == "<AppState 3 connections=0 channels=0>"
