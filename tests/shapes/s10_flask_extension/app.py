"""The application."""

from typing import Any

from flask import Flask, render_template_string, request

from .flask_pusher import Pusher

here: list[str] = []


def create_app(config: dict[str, Any]) -> Flask:
    app = Flask(__name__)
    app.config.update(config)
    pusher = Pusher()
    pusher.init_app(app)

    @app.get("/")
    def page() -> str:
        return render_template_string("<body data-key={{ PUSHER_KEY }}>")

    @app.post("/say")
    def say() -> str:
        pusher.client.trigger("private-room", "said", {"text": request.form["text"]})
        return "ok"

    @pusher.auth
    def may_listen(channel: str, socket: str) -> bool:
        return channel in ("private-room", "presence-room")

    @pusher.channel_data
    def member(channel: str, socket: str) -> dict[str, Any]:
        return {"user_id": request.headers["X-User"], "user_info": {"channel": channel}}

    @pusher.webhook("member_added")
    def entered(event: dict[str, Any]) -> None:
        here.append(event["user_id"])

    return app
