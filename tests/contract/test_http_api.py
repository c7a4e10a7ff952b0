"""The contract of the HTTP API (facts 2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .client import Client, named

if TYPE_CHECKING:
    from .services import Service


def event(**changes: Any) -> dict[str, Any]:
    return {"name": "e", "channels": [named()], "data": "{}", **changes}


def test_nothing_to_say(service: Service):
    """facts 2.1.3, 2.2.12: also where nobody listens."""
    assert service.call("POST", "/events", event()) == (200, "{}")
    body = event(channel=named())
    del body["channels"]
    assert service.call("POST", "/events", body) == (200, "{}")


def test_batch(service: Service):
    """facts 2.2."""
    channel = named()
    client = Client(service)
    client.subscribe(channel)
    if "subscription_count" in service.features:
        client.event("pusher_internal:subscription_count", channel)
    batch = [{"name": f"e{n}", "channel": channel, "data": str(n)} for n in range(10)]
    assert service.call("POST", "/batch_events", {"batch": batch}) == (200, "{}")
    assert [client.event(f"e{n}", channel)["data"] for n in range(10)] == list("0123456789")
    assert service.call("POST", "/batch_events", {"batch": [*batch, batch[0]]})[0] == 400


def test_channels(service: Service):
    """facts 2.2, 2.2.1, 2.2.2, 2.2.4, 2.2.5."""
    room = named("presence-")
    client = Client(service)
    client.subscribe(room, json.dumps({"user_id": "7"}))

    status, text = service.call("GET", "/channels")
    assert status == 200
    assert json.loads(text)["channels"][room] == {}

    params = {"filter_by_prefix": "presence-", "info": "user_count"}
    status, text = service.call("GET", "/channels", params=params)
    assert json.loads(text)["channels"][room] == {"user_count": 1}

    status, text = service.call("GET", "/channels", params={"info": "user_count"})
    assert status == 400
    assert text == (
        "user_count may only be requested for presence channels - "
        "please supply filter_by_prefix beginning with presence-\n"
    )

    status, text = service.call("GET", f"/channels/{room}", params={"info": "user_count"})
    assert json.loads(text) == {"occupied": True, "user_count": 1}
    status, text = service.call("GET", f"/channels/{named()}")
    assert json.loads(text) == {"occupied": False}

    status, text = service.call("GET", f"/channels/{room}/users")
    assert json.loads(text) == {"users": [{"id": "7"}]}
    assert service.call("GET", f"/channels/{named()}/users")[0] == 400


def test_information_with_the_answer(service: Service):
    """facts 2.2: what does not apply is absent."""
    room, public = named("presence-"), named()
    client = Client(service)
    client.subscribe(room, json.dumps({"user_id": "7"}))
    body = event(channels=[room, public], info="user_count")
    status, text = service.call("POST", "/events", body)
    assert status == 200
    assert json.loads(text) == {"channels": {room: {"user_count": 1}, public: {}}}


def test_a_name_that_is_percent_encoded(service: Service):
    """facts 2.2.13: signed as it is, sent encoded."""
    channel = named() + "@a,b;c=d"
    client = Client(service)
    client.subscribe(channel)
    status, text = service.call("GET", f"/channels/{channel}")
    assert (status, json.loads(text)["occupied"]) == (200, True)


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"name": None}, 400, "Expected name parameter to be a string\n"),
        ({"channels": []}, 400, "Expected at least one channel\n"),
        ({"channels": [f"c{n}" for n in range(101)]}, 400, None),
        ({"channels": ["no spaces"]}, 400, None),
        ({"data": {"an": "object"}}, 400, None),
        ({"data": "x" * 10_241}, 413, "The data content of this event exceeds the allowed"),
        ({"name": "x" * 201}, 400, None),
    ],
)
def test_refused(service: Service, changes: dict[str, Any], status: int, text: str | None):
    """facts 2.3: plain text that ends with a newline."""
    found, said = service.call("POST", "/events", event(**changes))
    assert found == status
    assert said.endswith("\n")
    assert text is None or said.startswith(text)


@pytest.mark.parametrize(
    ("overrides", "status", "text"),
    [
        ({"auth_key": "nobody"}, 400, "Unknown auth_key\n"),
        ({"auth_key": ""}, 401, "Authentication key required\n"),
        ({"auth_version": "2.0"}, 401, "Version not supported\n"),
        ({"auth_timestamp": "1"}, 401, "Timestamp expired: Given timestamp (1970-01-01T00:00:01Z)"),
        ({"auth_timestamp": ""}, 401, "Timestamp required\n"),
        ({"auth_signature": "0" * 64}, 401, "Invalid signature: you should have sent"),
        ({"body_md5": "0" * 32}, 401, None),
    ],
)
def test_not_authenticated(
    service: Service, overrides: dict[str, str], status: int, text: str | None
):
    """facts 2.3, 2.4."""
    found, said = service.call("POST", "/events", event(), overrides=overrides)
    assert found == status
    assert said.endswith("\n")
    assert text is None or said.startswith(text)


def test_an_extraneous_parameter(service: Service):
    """facts 2.3, 2.4.9."""
    assert service.call("GET", "/channels", params={"what": "1"}) == (
        400,
        "The following query string parameters are extraneous: what\n",
    )


def test_an_unknown_path(service: Service):
    """facts 2.3."""
    assert service.call("GET", "/nonsense") == (404, "404 NOT FOUND\n")


def test_the_deprecated_event_resource(service: Service):
    """facts 2.2: 202, and the body is the data."""
    channel = named()
    client = Client(service)
    client.subscribe(channel)
    if "subscription_count" in service.features:
        client.event("pusher_internal:subscription_count", channel)
    params = {"name": "old"}
    assert service.call("POST", f"/channels/{channel}/events", {"a": 1}, params)[0] == 202
    assert client.event("old", channel)["data"] == '{"a": 1}'
