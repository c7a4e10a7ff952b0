"""A client with literals in `extensions.py`, made before any application is."""

from __future__ import annotations

from typing import Any

from .s11_extensions_module.app import create_app
from .shape import Shape

SHAPE = Shape(
    11,
    "client with literals in `extensions.py`, before any application exists",
    framework="Flask",
    doors=("sdk",),
    shows="what a blueprint publishes reaches the others",
)

KEY = "11111111111111111111"


def test_a_move_reaches_the_other_players(mock: Any, page: Any):
    mine, others = page(KEY), page(KEY)
    for one in (mine, others):
        one.subscribe("game")
    answer = (
        create_app()
        .test_client()
        .post("/game/move", data={"to": "b4"}, headers={"X-Socket-ID": mine.socket_id})
    )
    assert answer.json == {"ok": True}
    assert (mine.heard("game"), others.heard("game")) == ([], [("move", {"to": "b4"})])
    mock.assert_triggered("game", "move", {"to": "b4"}, times=1, socket_id=mine.socket_id)


def test_other_doors_do_not_catch_it(others: Any):
    app = create_app()
    app.testing = True
    with others():
        app.test_client().post("/game/move", data={"to": "b4"})
