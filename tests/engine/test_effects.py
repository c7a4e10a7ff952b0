"""Effects: what a published event and a webhook tell their readers."""

from __future__ import annotations

import pytest

from pusher_mock.engine import (
    Broadcast,
    CloseConnection,
    DeliverWebhook,
    Effect,
    Ping,
    Published,
    PublishedEvent,
    Respond,
    SendFrame,
)
from pusher_mock.protocol.frames import Frame


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        ('{"a":[1]}', {"a": [1]}),
        ('"text"', "text"),
        ("null", None),
        ("not JSON", "not JSON"),  # facts 1.2: data may be anything
        ("", ""),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_data_is_decoded_where_it_is_json(raw: str, data: object):
    assert PublishedEvent("3", "c", "e", raw, 0.0).data == data


def test_reprs():
    event = PublishedEvent("3", "private-c", "e", "{}", 0.0)
    assert repr(event) == "<event e on private-c data={}>"
    sent = PublishedEvent("3", "private-c", "client-e", "{}", 0.0, "1.1", "u", client=True)
    assert repr(sent) == "<client event client-e on private-c data={}>"


def test_headers_of_a_webhook():
    # facts 3.1.1, 3.1.2
    hook = DeliverWebhook("3", "https://app.test", "key", "signature", b"{}")
    assert hook.headers == {
        "Content-Type": "application/json",
        "X-Pusher-Key": "key",
        "X-Pusher-Signature": "signature",
    }


EFFECTS: tuple[Effect, ...] = (
    Published(PublishedEvent("3", "c", "e", "{}", 0.0)),
    SendFrame("c", Frame("e", "{}")),
    Broadcast(Frame("e", "{}"), ("c",)),
    Ping("c"),
    CloseConnection("c", 1000, ""),
    Respond(200, "{}"),
    DeliverWebhook("3", "https://app.test", "k", "s", b""),
)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda one: type(one).__name__)
def test_effects_are_frozen(effect: Effect):
    assert not hasattr(effect, "__dict__")
    for name in type(effect).__match_args__:
        with pytest.raises(AttributeError):
            setattr(effect, name, None)


def test_effects_compare_by_value():
    assert SendFrame("c", Frame("e", "{}")) == SendFrame("c", Frame("e", "{}"))
    assert Respond(200, "{}") != Respond(200, "{}", "note")
