"""An extension of Flask that is given its client by `init_app`, and answers for whole batches."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import App, Webhook

from .s10_flask_extension.app import create_app, here
from .shape import Shape

SHAPE = Shape(
    10,
    "Flask extension with `init_app`, a subclass that reaches into `_pusher_client`, host and port "
    "from the configuration, batched auth, webhooks",
    framework="Flask",
    doors=("sdk",),
    shows="its signatures are accepted one by one and in a batch, its webhooks run, its own host "
    "is caught as well",
)

KEY = "10101010101010101010"
CONFIG = {"PUSHER_APP_ID": "100010", "PUSHER_KEY": KEY, "PUSHER_SECRET": "c1c1c1c1c1c1c1c1c1c1"}
HOOKED = App(
    id="100010",
    key=KEY,
    secret="c1c1c1c1c1c1c1c1c1c1",
    webhooks=(Webhook("https://app.example/pusher/webhook"),),
)
HOSTED = {"PUSHER_HOST": "pusher.internal", "PUSHER_PORT": 6001, "PUSHER_SSL": False}


@pytest.mark.parametrize("config", [{}, {"PUSHER_CLUSTER": "eu"}, HOSTED])
def test_an_event_reaches_a_page(config: dict[str, Any], mock: Any, page: Any):
    browser = create_app({**CONFIG, **config}).test_client()
    room = page(KEY)
    form = {"channel_name": "private-room", "socket_id": room.socket_id}
    room.subscribe("private-room", browser.post("/pusher/auth", data=form).json)
    browser.post("/say", data={"text": "hello"})
    assert room.heard("private-room") == [("said", {"text": "hello"})]
    mock.assert_triggered("private-room", "said", {"text": "hello"}, times=1)


def test_a_batch_of_channels(mock: Any, page: Any):
    """As a plug-in of pusher-js asks for several at once."""
    browser = create_app(CONFIG).test_client()
    room = page(KEY)
    names = ["private-room", "presence-room", "private-others"]
    form = {f"channel_name[{number}]": name for number, name in enumerate(names)}
    form["socket_id"] = room.socket_id
    answers: Any = browser.post("/pusher/auth", data=form, headers={"X-User": "ada"}).json
    assert [answers[name]["status"] for name in names] == [200, 200, 403]
    assert room.subscribe("private-room", answers["private-room"]["data"]) == {}
    here = room.subscribe("presence-room", answers["presence-room"]["data"])["presence"]
    assert here["hash"] == {"ada": {"channel": "presence-room"}}


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_webhooks(mock: Any, page: Any):
    here.clear()
    browser = create_app(CONFIG).test_client()
    room = page(KEY)
    form = {"channel_name": "presence-room", "socket_id": room.socket_id}
    answer = browser.post("/pusher/auth", data=form, headers={"X-User": "ada"}).json
    room.subscribe("presence-room", answer)
    hooks = mock.webhooks()
    for hook in hooks:
        said = browser.post("/pusher/webhook", data=hook.body, headers=dict(hook.headers))
        assert said.status_code == 200
    assert here == ["ada"]
    wrong = {**dict(hooks[0].headers), "X-Pusher-Signature": "0" * 64}
    assert browser.post("/pusher/webhook", data=hooks[0].body, headers=wrong).status_code == 401


def test_the_page_has_the_key():
    assert create_app(CONFIG).test_client().get("/").text == f"<body data-key={KEY}>"


@pytest.mark.parametrize("config", [{}, HOSTED])
def test_other_doors_do_not_catch_it(config: dict[str, Any], others: Any):
    app = create_app({**CONFIG, **config})
    with others(), app.app_context():
        app.extensions["pusher"].trigger("private-room", "said", {})
