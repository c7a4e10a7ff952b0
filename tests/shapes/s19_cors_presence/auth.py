"""Signs for pages of other origins; everybody is who his connection is."""

import pusher
from flask import Flask, Response, jsonify, request

app = Flask(__name__)

pusher_client = pusher.Pusher(
    app_id="191919", key="19191919191919191919", secret="c9c9c9c9c9c9c9c9c9c9", cluster="eu"
)


@app.after_request
def cors(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return response


@app.post("/pusher/auth")
def auth() -> Response:
    socket = request.form["socket_id"]
    member = {"user_id": socket, "user_info": {"score": 0}}
    return jsonify(pusher_client.authenticate(request.form["channel_name"], socket, member))


@app.post("/start")
def start() -> Response:
    players = pusher_client.users_info("presence-game")["users"]
    pusher_client.trigger("presence-game", "started", {"players": len(players)})
    return jsonify(started=True)
