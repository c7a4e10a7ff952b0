"""The extension: a client made of the application's configuration, endpoints, webhooks."""

from collections.abc import Callable
from typing import Any

import pusher
from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request

Handler = Callable[[dict[str, Any]], None]


class PusherWithJSON(pusher.Pusher):
    """The SDK's client, encoding as Flask does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host = self._pusher_client.host

    def trigger(self, channels: Any, event_name: Any, data: Any, socket_id: Any = None) -> Any:
        text = current_app.json.dumps(data)
        return self._pusher_client.trigger(channels, event_name, text, socket_id)


class Pusher:
    """`pusher = Pusher(app, url_prefix="/pusher")`, or `init_app` later."""

    def __init__(self, app: Flask | None = None, url_prefix: str = "/pusher") -> None:
        self._auth: Callable[[str, str], bool] = lambda channel, socket: False
        self._data: Callable[[str, str], dict[str, Any]] = lambda channel, socket: {}
        self._handlers: dict[str, Handler] = {}
        self._blueprint = Blueprint("pusher", __name__, url_prefix=url_prefix)
        self._blueprint.add_url_rule("/auth", view_func=self._auth_view, methods=["POST"])
        self._blueprint.add_url_rule("/webhook", view_func=self._webhook_view, methods=["POST"])
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        config = app.config
        client = PusherWithJSON(
            app_id=config["PUSHER_APP_ID"],
            key=config["PUSHER_KEY"],
            secret=config["PUSHER_SECRET"],
            host=config.get("PUSHER_HOST"),
            port=config.get("PUSHER_PORT"),
            ssl=config.get("PUSHER_SSL", True),
            timeout=config.get("PUSHER_TIMEOUT", 5),
            cluster=config.get("PUSHER_CLUSTER"),
            backend=config.get("PUSHER_BACKEND"),
            **config.get("PUSHER_BACKEND_OPTIONS", {}),
        )
        app.extensions["pusher"] = client
        app.register_blueprint(self._blueprint)
        app.context_processor(lambda: {"PUSHER_KEY": config["PUSHER_KEY"]})

    @property
    def client(self) -> PusherWithJSON:
        found: PusherWithJSON = current_app.extensions["pusher"]
        return found

    def auth(self, function: Callable[[str, str], bool]) -> None:
        self._auth = function

    def channel_data(self, function: Callable[[str, str], dict[str, Any]]) -> None:
        self._data = function

    def webhook(self, name: str) -> Callable[[Handler], None]:
        def register(handler: Handler) -> None:
            self._handlers[name] = handler

        return register

    def _sign(self, channel: str, socket: str) -> dict[str, str] | None:
        if not self._auth(channel, socket):
            return None
        data = self._data(channel, socket) if channel.startswith("presence-") else None
        return self.client.authenticate(channel=channel, socket_id=socket, custom_data=data)

    def _auth_view(self) -> Response:
        socket = request.form["socket_id"]
        if "channel_name" in request.form:
            answer = self._sign(request.form["channel_name"], socket)
            return jsonify(answer) if answer else abort(403)
        answers, number = {}, 0
        while f"channel_name[{number}]" in request.form:
            channel = request.form[f"channel_name[{number}]"]
            signed = self._sign(channel, socket)
            answers[channel] = {"status": 200, "data": signed} if signed else {"status": 403}
            number += 1
        return jsonify(answers)

    def _webhook_view(self) -> str:
        hook = self.client.validate_webhook(
            key=request.headers.get("X-Pusher-Key", ""),
            signature=request.headers.get("X-Pusher-Signature", ""),
            body=request.get_data(as_text=True),
        )
        if hook is None:
            abort(401)
        for event in hook["events"]:
            handler = self._handlers.get(event["name"])
            if handler is not None:
                handler(event)
        return "ok"
