"""Who may call the HTTP API, in the order of the gem's checks (facts 2.3, 2.4)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from pusher_mock.engine import App, AppKey, CredentialsSeen, HttpRequested, Respond
from pusher_mock.protocol.signatures import EMPTY_MD5, sign

from .harness import KEY, SECRET, WALL, Pusher, app

OTHER = App("4", "other", "other secret")
PATH = "/apps/3/channels"


def refused(status: int, message: str) -> tuple[int, str]:
    """facts 2.1.4: plain text with a newline."""
    return status, f"{message}\n"


def outcome(answer: Respond) -> tuple[int, str]:
    return answer.status, answer.body


# The vectors ---------------------------------------------------------------------------------


def test_the_post_vector_is_accepted():
    # facts 7; WALL is its timestamp
    body = b'{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
    signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
    answer = Pusher().request(
        "POST", "/apps/3/events", body=body, change={"auth_signature": signature}
    )
    assert outcome(answer) == (200, "{}")


def test_the_get_vector_is_accepted():
    # facts 7, 2.4.4: Python sends the MD5 of nothing
    signature = "f3f17c61ae491cc9085db68b22076e9b772e3bcb301659d655153ee3f9782aba"
    answer = Pusher().request(
        "GET",
        PATH,
        [("filter_by_prefix", "presence-"), ("info", "user_count")],
        change={"auth_signature": signature, "body_md5": EMPTY_MD5},
    )
    assert outcome(answer) == (200, '{"channels":{}}')


# Refusals, and their order -------------------------------------------------------------------

EXPIRED = (
    "Timestamp expired: Given timestamp ({}) not within 600s of server time (2012-11-16T17:49:39Z)"
)
WRONG = (
    'Invalid signature: you should have sent HmacSHA256Hex("GET\\n/apps/3/channels\\n'
    'auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0",'
    ' your_secret_key), but you sent "{}"'
)

# facts 2.4.6, 2.4.8: each row breaks what comes after it too, so the order is tested as well.
STEPS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    (
        {"drop": ["auth_key", "auth_version", "auth_timestamp", "auth_signature"]},
        refused(401, "Authentication key required"),
    ),
    (
        {"key": "unknown", "drop": ["auth_version", "auth_timestamp", "auth_signature"]},
        refused(400, "Unknown auth_key"),  # 400, not 401
    ),
    (
        {"drop": ["auth_version", "auth_timestamp", "auth_signature"]},
        refused(401, "Version required"),
    ),
    (
        {"change": {"auth_version": "2.0"}, "drop": ["auth_timestamp", "auth_signature"]},
        refused(401, "Version not supported"),
    ),
    ({"drop": ["auth_timestamp", "auth_signature"]}, refused(401, "Timestamp required")),
    (
        {"change": {"auth_timestamp": "1353087579"}, "drop": ["auth_signature"]},
        refused(401, EXPIRED.format("2012-11-16T17:39:39Z")),
    ),
    ({"drop": ["auth_signature"]}, refused(401, WRONG.format(""))),
    ({"change": {"auth_signature": "abc"}}, refused(401, WRONG.format("abc"))),
]


@pytest.mark.parametrize(("how", "expected"), STEPS)
def test_refusals(how: dict[str, Any], expected: tuple[int, str]):
    assert outcome(Pusher().request("GET", PATH, **how)) == expected


def test_then_the_key_must_belong_to_the_app():
    # facts 2.3; before body_md5 and the state of the account
    pusher = Pusher(app(enabled=False), OTHER)
    answer = pusher.request("GET", "/apps/4/channels", change={"body_md5": "wrong"})
    assert outcome(answer) == refused(400, "Token validated, but invalid for app 4")
    assert answer.note == f"key {KEY} belongs to app 3"
    answer = pusher.request("GET", "/apps/999/channels")
    assert outcome(answer) == refused(400, "Token validated, but invalid for app 999")


def test_then_the_body_must_be_the_signed_one():
    # facts 2.4.4, 8.20; before the state of the account
    pusher = Pusher(app(enabled=False))
    body = b'{"name":"e","channel":"c","data":"d"}'
    md5 = hashlib.md5(body).hexdigest()
    path = "/apps/3/events"
    answer = pusher.request("POST", path, body=body, change={"body_md5": EMPTY_MD5})
    assert outcome(answer) == refused(401, f"Invalid body_md5: expected {md5}, but got {EMPTY_MD5}")
    answer = pusher.request("POST", path, body=body, drop=["body_md5"])
    assert outcome(answer) == refused(401, f"Invalid body_md5: expected {md5}, but got nothing")
    answer = pusher.request("GET", PATH, change={"body_md5": "wrong"})
    assert outcome(answer) == refused(401, f"Invalid body_md5: expected {EMPTY_MD5}, but got wrong")


def test_then_the_account_must_be_in_order():
    # facts 2.1.5, 2.3; before parameters and body
    answer = Pusher(app(enabled=False)).post("events", "no JSON")
    assert outcome(answer) == refused(403, "Application disabled")
    answer = Pusher(app(daily_messages=0)).post("events", "no JSON")
    assert outcome(answer) == refused(403, "API call failed since (daily) message quota exceeded")


def test_then_parameters_and_then_the_body():
    # facts 8.20, 2.4.9, 2.3
    answer = Pusher().request(
        "POST", "/apps/3/events", [("info", "x"), ("b", ""), ("a", "")], b"no JSON"
    )
    assert outcome(answer) == refused(
        400, "The following query string parameters are extraneous: a, b, info"
    )


def test_an_unknown_path_comes_before_everything():
    # facts 2.3
    pusher = Pusher()
    assert outcome(pusher.request("GET", "/apps/3/nothing", drop=["auth_key"])) == refused(
        404, "404 NOT FOUND"
    )
    assert outcome(pusher.request("POST", PATH, drop=["auth_key"])) == refused(
        405, "405 METHOD NOT ALLOWED"
    )


# Time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("away", [-599, 0, 599])
def test_ten_minutes_either_way(away: int):
    # facts 2.4.5
    timestamp = str(int(WALL) + away)
    assert Pusher().request("GET", PATH, change={"auth_timestamp": timestamp}).status == 200


@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [
        (str(int(WALL) - 600), "2012-11-16T17:39:39Z"),
        (str(int(WALL) + 600), "2012-11-16T17:59:39Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("99999999999999", "99999999999999"),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_beyond_ten_minutes(timestamp: str, shown: str):
    # facts 2.3, 2.4.5: at 600 s it has expired
    answer = Pusher().request("GET", PATH, change={"auth_timestamp": timestamp})
    assert outcome(answer) == refused(401, EXPIRED.format(shown))
    assert "freeze both or neither" in answer.note


def test_the_applications_clock_counts_and_not_the_mocks():
    # facts 2.4.5, design "Time"
    pusher = Pusher()
    query = (
        ("auth_key", KEY),
        ("auth_timestamp", "1000"),
        ("auth_version", "1.0"),
    )
    text = f"GET\n{PATH}\nauth_key={KEY}&auth_timestamp=1000&auth_version=1.0"
    request = HttpRequested("GET", PATH, (*query, ("auth_signature", sign(SECRET, text))))
    for wall, status in [(1_000.0, 200), (1_599.9, 200), (1_600.0, 401), (400.9, 401)]:
        [answer] = pusher.engine.handle(request, at=5_000_000.0, wall=wall)
        assert isinstance(answer, Respond)
        assert answer.status == status


@pytest.mark.parametrize("timestamp", ["", "abc", "-1", "1.5", "\u0661", "1353088179 "])
def test_a_timestamp_is_a_number_of_seconds(timestamp: str):
    answer = Pusher().request("GET", PATH, change={"auth_timestamp": timestamp})
    assert outcome(answer) == refused(401, "Timestamp required")


def test_a_wall_clock_no_calendar_has():
    [answer] = Pusher().engine.handle(
        HttpRequested(
            "GET", PATH, (("auth_key", KEY), ("auth_version", "1.0"), ("auth_timestamp", "1"))
        ),
        at=0.0,
        wall=1e17,
    )
    assert isinstance(answer, Respond)
    assert answer.body.endswith("server time (100000000000000000)\n")


# What is signed ------------------------------------------------------------------------------


def test_parameters_may_come_in_any_order_and_case():
    # facts 2.4.2, 2.4.10
    signed = (
        f"GET\n{PATH}\nauth_key={KEY}&auth_timestamp={int(WALL)}&auth_version=1.0"
        "&filter_by_prefix=a b/é"
    )
    query = (
        ("filter_by_prefix", "a b/é"),
        ("auth_signature", sign(SECRET, signed)),
        ("AUTH_VERSION", "1.0"),
        ("auth_timestamp", str(int(WALL))),
        ("Auth_Key", KEY),
    )
    pusher = Pusher()
    [answer] = pusher.handle(HttpRequested("GET", PATH, query))
    assert answer == Respond(200, '{"channels":{}}')


def test_arrays_in_the_query():
    # facts 2.1.2, 2.4.7
    pusher = Pusher()
    query = [("channels[]", "b"), ("name", "e"), ("channels[]", "a"), ("data", "d")]
    assert outcome(pusher.request("POST", "/apps/3/events", query)) == (200, "{}")
    assert [one.channel for one in pusher.published] == ["b", "a"]


@pytest.mark.parametrize("signed_path", ["raw", "decoded"])
def test_the_path_may_be_signed_encoded_or_decoded(signed_path: str):
    # facts 2.2.13
    pusher = Pusher()
    raw = "/apps/3/channels/private-a%40b%2Cc%3B%3D"
    path = raw if signed_path == "raw" else "/apps/3/channels/private-a@b,c;="
    signed = f"GET\n{path}\nauth_key={KEY}&auth_timestamp={int(WALL)}&auth_version=1.0"
    pusher.connect().subscribe("private-a@b,c;=")
    answer = pusher.request("GET", raw, signed=signed)
    assert outcome(answer) == (200, '{"occupied":true}')


def test_a_wrong_signature_of_an_encoded_path_shows_the_path_that_was_sent():
    answer = Pusher().request("GET", "/apps/3/channels/a%40b", change={"auth_signature": "x"})
    assert 'HmacSHA256Hex("GET\\n/apps/3/channels/a%40b\\nauth_key=' in answer.body


def test_an_upper_case_signature_is_wrong():
    # facts 2.4.3
    pusher = Pusher()
    text = f"GET\n{PATH}\nauth_key={KEY}&auth_timestamp={int(WALL)}&auth_version=1.0"
    signature = sign(SECRET, text).upper()
    answer = pusher.request("GET", PATH, change={"auth_signature": signature})
    assert outcome(answer) == refused(401, WRONG.format(signature))


# Keys ----------------------------------------------------------------------------------------


def test_any_active_key_of_the_app_will_do():
    # facts 2.4.8
    keys = (AppKey("k2", "s2"), AppKey("off", "s3", active=False))
    pusher = Pusher(app(keys=keys), OTHER)
    assert pusher.request("GET", PATH, key="k2", secret="s2").status == 200
    assert pusher.request("GET", PATH, key="k2", secret=SECRET).status == 401
    assert pusher.request("GET", PATH, key="other", secret="other secret").status == 400
    answer = pusher.request("GET", PATH, key="off", secret="s3")
    assert outcome(answer) == refused(400, "Unknown auth_key")
    assert answer.note == f"keys known here: {KEY}, k2, other"


def test_a_key_without_a_known_secret_is_unknown():
    pusher = Pusher(App("3", "unseen", None))
    answer = pusher.request("GET", PATH, key="unseen", secret="s")
    assert outcome(answer) == refused(400, "Unknown auth_key")
    assert answer.note == "keys known here: none"


def test_an_alias_is_as_good_as_the_id():
    pusher = Pusher(app(aliases=("1",)))
    assert pusher.request("GET", "/apps/1/channels").status == 200
    assert pusher.request("GET", "/apps/%31/channels").status == 200
    assert pusher.request("GET", "/apps/2/channels").status == 400


def test_an_open_registry_takes_the_first_secret_for_a_key():
    # design "Apps"
    pusher = Pusher(open_registry=True)
    pusher.handle(CredentialsSeen("9", "new", "first"))
    pusher.handle(CredentialsSeen("10", "new", "second"))
    for app_id, secret, status in [("9", "first", 200), ("10", "first", 200), ("9", "second", 401)]:
        answer = pusher.request("GET", f"/apps/{app_id}/channels", key="new", secret=secret)
        assert answer.status == status


def test_a_strict_registry_takes_no_new_key():
    pusher = Pusher()
    pusher.handle(CredentialsSeen("9", "new", "first"))
    answer = pusher.request("GET", "/apps/9/channels", key="new", secret="first")
    assert outcome(answer) == refused(400, "Unknown auth_key")
