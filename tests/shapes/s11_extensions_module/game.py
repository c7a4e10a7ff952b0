"""The game."""

from flask import Blueprint, Response, jsonify, request

from .extensions import pusher_client

blueprint = Blueprint("game", __name__, url_prefix="/game")


@blueprint.post("/move")
def move() -> Response:
    pusher_client.trigger(
        "game", "move", {"to": request.form["to"]}, request.headers.get("X-Socket-ID")
    )
    return jsonify(ok=True)
