"""Who is here, and what they wave at each other."""

import json
from typing import Any

import pusher
from flask import Flask, Response, abort, jsonify, request

app = Flask(__name__)

pusher_client = pusher.Pusher(
    app_id="121212", key="12121212121212121212", secret="c3c3c3c3c3c3c3c3c3c3", cluster="eu"
)

online: set[str] = set()
waves: list[Any] = []


@app.post("/pusher/auth")
def auth() -> Response:
    user = request.headers.get("X-User-Id")
    if user is None:
        abort(403)
    channel, socket = request.form["channel_name"], request.form["socket_id"]
    if channel.startswith("presence-"):
        return jsonify(pusher_client.authenticate(channel, socket, {"user_id": user}))
    return jsonify(pusher_client.authenticate(channel, socket))


@app.post("/pusher/webhooks")
def webhooks() -> str:
    hook = pusher_client.validate_webhook(
        request.headers["X-Pusher-Key"],
        request.headers["X-Pusher-Signature"],
        request.get_data(as_text=True),
    )
    if hook is None:
        abort(401)
    for event in hook["events"]:
        handle(event)
    return "ok"


def handle(event: dict[str, Any]) -> None:
    if event["name"] == "member_added":
        online.add(event["user_id"])
    elif event["name"] == "member_removed":
        online.discard(event["user_id"])
    elif event["name"] == "client_event":
        waves.append(json.loads(event["data"]))
        answer = {"waves": len(waves), "online": sorted(online)}
        pusher_client.trigger(event["channel"], "client-counted", answer)
