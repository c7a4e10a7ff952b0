"""The HTTP API: routes, and what can be asked (facts 2.1, 2.2, 2.3)."""

from __future__ import annotations

import json

import pytest

from pusher_mock.engine import App, Respond

from .harness import SECRET, Pusher, app
from .kinds import NAMES, PRESENCE, enter

EVENT = {"name": "e", "channel": "c", "data": "d"}


def outcome(answer: Respond) -> tuple[int, str]:
    return answer.status, answer.body


# Routes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "channels", 200),
        ("GET", "channels/c", 200),
        ("GET", "channels/presence-c/users", 200),
        ("GET", "channels/c/stats", 200),
        ("POST", "users/u/terminate_connections", 200),
        # facts 2.3, 8.14
        ("GET", "events", 405),
        ("GET", "batch_events", 405),
        ("PUT", "events", 405),
        ("POST", "channels", 405),
        ("POST", "channels/c", 405),
        ("POST", "channels/c/users", 405),
        ("GET", "channels/c/events", 405),
        ("GET", "users/u/terminate_connections", 405),
        ("HEAD", "channels", 405),
        ("GET", "", 404),
        ("GET", "channels/", 404),
        ("GET", "channels//users", 404),
        ("GET", "channels/c/", 404),
        ("GET", "channels/c/users/", 404),
        ("GET", "users/u", 404),
        ("POST", "users//terminate_connections", 404),
        ("POST", "events/", 404),
        ("GET", "*", 404),
    ],
)
def test_routes(method: str, path: str, status: int):
    answer = Pusher().request(method, f"/apps/3/{path}")
    assert answer.status == status
    if status == 404:
        assert answer.body == "404 NOT FOUND\n"
    if status == 405:
        assert answer.body == "405 METHOD NOT ALLOWED\n"


@pytest.mark.parametrize(
    "path", ["", "/", "/apps", "/apps/", "/apps//channels", "/app/3", "/users/u", "*"]
)
def test_paths_outside_of_an_app(path: str):
    answer = Pusher().request("GET", path)
    assert outcome(answer) == (404, "404 NOT FOUND\n")
    assert answer.note == f"the HTTP API has no path {path}; paths start with /apps/APP_ID"


def test_the_path_that_the_sdk_terminates_with():
    # facts 5.1
    answer = Pusher().request("POST", "/users/u/terminate_connections", body=b"{}")
    assert outcome(answer) == (404, "404 NOT FOUND\n")
    assert "leaves /apps/APP_ID out of the path" in answer.note


def test_a_wrong_method_is_told_the_right_one():
    assert Pusher().request("GET", "/apps/3/events").note == "/apps/3/events takes POST"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "events", ""),
        ("POST", "batch_events", ""),
        ("GET", "channels", "filter_by_prefix info"),
        ("GET", "channels/c", "info"),
        ("GET", "channels/presence-c/users", ""),
        ("GET", "channels/c/stats", ""),
        ("POST", "channels/c/events", "name socket_id"),
        ("POST", "users/u/terminate_connections", ""),
    ],
)
def test_extraneous_parameters_are_named(method: str, path: str, allowed: str):
    # facts 2.2, 2.3, 2.4.9
    names = ["filter_by_prefix", "info", "name", "socket_id", "x"]
    body = b"{}" if method == "POST" else b""
    answer = Pusher().request(method, f"/apps/3/{path}", [(one, "") for one in names], body)
    extra = ", ".join(one for one in names if one not in allowed.split())
    assert outcome(answer) == (
        400,
        f"The following query string parameters are extraneous: {extra}\n",
    )


def test_half_a_surrogate_pair_in_a_refusal_can_still_be_sent():
    answer = Pusher().post("events", {**EVENT, "channel": "\ud800"})
    assert outcome(answer) == (400, "Invalid channel name: ?\n")
    answer.body.encode()


# GET channels --------------------------------------------------------------------------------


def test_occupied_channels_of_every_kind_are_listed():
    # facts 2.2, 8.16: private ones included, those of users hidden
    pusher = Pusher()
    client = pusher.connect()
    for name in NAMES.values():
        enter(client, name)
    pusher.publish("cache-unoccupied", "e", "d")
    visible: dict[str, object] = {name: {} for name in NAMES.values() if not name.startswith("#")}
    assert pusher.get("channels") == {"channels": visible}
    private: dict[str, object] = {name: {} for name in visible if name.startswith("private-")}
    assert pusher.get("channels", filter_by_prefix="private-") == {"channels": private}
    assert pusher.get("channels", filter_by_prefix="nothing") == {"channels": {}}
    client.close()
    assert pusher.get("channels") == {"channels": {}}


def test_user_count_of_presence_channels():
    # facts 2.2, 2.2.2: distinct users
    pusher = Pusher()
    for user_id in ("1", "2", "2"):
        pusher.connect().join("presence-a", user_id)
    pusher.connect().join("presence-cache-b", "1")
    pusher.connect().subscribe("public")
    for prefix, expected in [
        ("presence-", {"presence-a": {"user_count": 2}, "presence-cache-b": {"user_count": 1}}),
        ("presence-a", {"presence-a": {"user_count": 2}}),
    ]:
        answer = pusher.get("channels", filter_by_prefix=prefix, info="user_count")
        assert answer == {"channels": expected}


@pytest.mark.parametrize("prefix", [None, "", "presence", "private-", "a-presence-"])
def test_user_count_needs_a_prefix(prefix: str | None):
    # facts 2.2.4, 2.3
    query = [("info", "user_count")]
    if prefix is not None:
        query.append(("filter_by_prefix", prefix))
    assert outcome(Pusher().request("GET", "/apps/3/channels", query)) == (
        400,
        "user_count may only be requested for presence channels - please supply filter_by_prefix"
        " beginning with presence-\n",
    )


@pytest.mark.parametrize("info", ["subscription_count", "cache", "user_count,cache", "u,s", "x"])
def test_channels_take_only_user_count(info: str):
    # facts 2.2
    wrong = next(one for one in info.split(",") if one != "user_count")
    query = [("filter_by_prefix", "presence-"), ("info", info)]
    assert outcome(Pusher().request("GET", "/apps/3/channels", query)) == (
        400,
        f"Cannot retrieve {wrong} here; the info parameter takes user_count\n",
    )


# GET channel ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [one for one in NAMES.values() if not one.startswith("#")])
def test_a_channel_is_occupied_or_not(name: str):
    # facts 2.2, 2.2.1
    pusher = Pusher()
    assert pusher.get(f"channels/{name}") == {"occupied": False}
    client = pusher.connect()
    enter(client, name)
    assert pusher.get(f"channels/{name}", info="") == {"occupied": True}
    client.unsubscribe(name)
    assert pusher.get(f"channels/{name}") == {"occupied": False}


@pytest.mark.parametrize("name", sorted(NAMES.values()))
@pytest.mark.parametrize("attribute", ["user_count", "subscription_count", "cache"])
@pytest.mark.parametrize("counting", [True, False])
def test_attributes_by_kind(name: str, attribute: str, counting: bool):
    # facts 2.2.1, 2.2.2, 2.2.3: what does not apply is a 400
    pusher = Pusher(app(subscription_count=counting))
    path = f"/apps/3/channels/{name.replace('#', '%23')}"
    answer = pusher.request("GET", path, [("info", attribute)])
    empty = {"user_count": 0, "subscription_count": 0, "cache": None}[attribute]
    applies = {
        "user_count": name in PRESENCE,
        "subscription_count": counting and name not in PRESENCE and not name.startswith("#"),
        "cache": "cache-" in name,
    }[attribute]
    if applies:
        assert outcome(answer) == (
            200,
            json.dumps({"occupied": False, attribute: empty}, separators=(",", ":")),
        )
    elif attribute == "user_count":
        assert outcome(answer) == (
            400,
            "Cannot retrieve the user count unless the channel is a presence channel\n",
        )
    else:
        assert outcome(answer) == (400, f"Cannot retrieve {attribute} for the channel {name}\n")


def test_several_attributes():
    # facts 2.2
    pusher = Pusher(app(subscription_count=True))
    for user_id in ("1", "1", "2"):
        pusher.connect().join("presence-cache-c", user_id)
        pusher.connect().subscribe("cache-c")
    pusher.publish("presence-cache-c", "e", '{"a":1}')
    pusher.publish("cache-c", "e", "d")
    pusher.advance(60_500)
    assert pusher.get("channels/presence-cache-c", info="user_count, cache") == {
        "occupied": True,
        "user_count": 2,
        "cache": {"data": '{"a":1}', "ttl": 1_739},
    }
    assert (
        pusher.get("channels/cache-c", info="cache,subscription_count")["subscription_count"] == 3
    )


def test_the_cache_and_its_remaining_time():
    # facts 1.7.4, 2.2, 1.7.6
    pusher = Pusher()
    pusher.publish("cache-c", "e", "d")
    for wait, ttl in [(0, 1_800), (1_000, 1_799), (1_798_999, 0)]:
        pusher.advance(wait)
        assert pusher.get("channels/cache-c", info="cache") == {
            "occupied": False,
            "cache": {"data": "d", "ttl": ttl},
        }
    pusher.advance(1)
    assert pusher.get("channels/cache-c", info="cache") == {"occupied": False, "cache": None}


@pytest.mark.parametrize("info", ["x", "user_count,", "u,s,e,r", "user_count,x"])
def test_an_unknown_attribute_is_named(info: str):
    # facts 5.1: the SDK joins a plain string letter by letter
    answer = Pusher().request("GET", "/apps/3/channels/presence-c", [("info", info)])
    wrong = next(one for one in info.split(",") if one != "user_count")
    assert outcome(answer) == (
        400,
        f"Cannot retrieve {wrong} here; the info parameter takes "
        "user_count, subscription_count, cache\n",
    )
    assert answer.note == "the SDK joins attributes with commas: pass a list, not a string"


@pytest.mark.parametrize(
    "path", ["channels/a%20b", "channels/%C3%A9", "channels/a b/users", "channels/a b/stats"]
)
def test_a_name_the_service_does_not_take(path: str):
    # facts 1.3, 2.3
    answer = Pusher().request("GET", f"/apps/3/{path}")
    assert answer.status == 400
    assert answer.body.startswith("Invalid channel name: ")


# GET users -----------------------------------------------------------------------------------


def test_distinct_users_with_ids_as_strings():
    # facts 2.2, 1.4.7
    pusher = Pusher()
    for user_id in (2, "1", "2"):
        pusher.connect().join("presence-c", user_id)
    assert pusher.get("channels/presence-c/users") == {"users": [{"id": "2"}, {"id": "1"}]}


def test_an_empty_presence_channel_has_no_users():
    # facts 2.2.1
    assert Pusher().get("channels/presence-c/users") == {"users": []}


@pytest.mark.parametrize("name", sorted(set(NAMES.values()) - PRESENCE))
def test_other_channels_have_none_to_ask_for(name: str):
    # facts 2.2.5, 1.3
    path = f"/apps/3/channels/{name.replace('#', '%23')}/users"
    assert outcome(Pusher().request("GET", path)) == (
        400,
        "Users can only be retrieved for presence channels\n",
    )


# Deprecated, and several apps ----------------------------------------------------------------


def test_stats():
    # facts 2.2
    pusher = Pusher()
    pusher.connect().join("presence-c", "1")
    pusher.connect().subscribe("c")
    assert pusher.get("channels/presence-c/stats") == {"occupied": True, "user_count": 1}
    assert pusher.get("channels/presence-d/stats") == {"occupied": False, "user_count": 0}
    assert pusher.get("channels/c/stats") == {"occupied": True}


def test_apps_live_side_by_side():
    pusher = Pusher(app(), App("4", "other", SECRET))
    mine, theirs = pusher.connect(), pusher.connect(target="/app/other?protocol=7")
    mine.subscribe("c")
    theirs.subscribe("c")
    pusher.publish("c", "e", "mine", socket_id=theirs.socket_id)
    assert [frame["data"] for frame in mine.take()] == ["mine"]
    assert theirs.take() == []
    pusher.post("events", {"name": "e", "channel": "c", "data": "theirs"}, "4", key="other")
    assert mine.take() == []
    assert [frame["data"] for frame in theirs.take()] == ["theirs"]
    theirs.close()
    answer = pusher.request("GET", "/apps/4/channels", key="other")
    assert outcome(answer) == (200, '{"channels":{}}')
    assert pusher.get("channels") == {"channels": {"c": {}}}
    assert [(one.app, one.raw) for one in pusher.published] == [("3", "mine"), ("4", "theirs")]
