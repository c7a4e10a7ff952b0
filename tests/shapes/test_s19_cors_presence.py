"""An endpoint for other origins, in which a member is his connection."""

from __future__ import annotations

from typing import Any

from .s19_cors_presence import auth
from .shape import Shape

SHAPE = Shape(
    19,
    "endpoint for pages of other origins (CORS); presence with `user_id` = `socket_id`; literals",
    framework="Flask",
    doors=("sdk",),
    shows="each connection is a member; the SDK's question who is here is answered",
)

KEY = "19191919191919191919"
GAME = "presence-game"


def test_each_connection_is_a_member(mock: Any, page: Any):
    browser = auth.app.test_client()
    players, here = [page(KEY), page(KEY)], {}
    for number, player in enumerate(players, start=1):
        form = {"channel_name": GAME, "socket_id": player.socket_id}
        answer = browser.post("/pusher/auth", data=form)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        here = player.subscribe(GAME, answer.json)["presence"]
        assert here["count"] == number
    assert here["hash"] == {player.socket_id: {"score": 0} for player in players}
    assert browser.post("/start").json == {"started": True}
    for player in players:
        assert player.heard(GAME) == [("started", {"players": 2})]
    mock.assert_triggered(GAME, "started", {"players": 2}, times=1)


def test_other_doors_do_not_catch_it(others: Any):
    auth.app.testing = True
    with others():
        auth.app.test_client().post("/start")
