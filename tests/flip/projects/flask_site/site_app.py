"""A Flask application with a factory, and one client that the factory builds."""

from __future__ import annotations

import os
from typing import Any

import pusher
from extensions import pusher_client  # type: ignore[import-not-found]
from flask import Flask


def create_app() -> Flask:
    """Build the application."""
    app = Flask(__name__)
    later = pusher.Pusher.from_env()  # a variable that nobody has set

    @app.post("/order")
    def order() -> dict[str, Any]:
        pusher_client.trigger("orders", "placed", {"by": "the extension"})
        later.trigger("orders", "placed", {"by": "the factory"})
        return {"process": os.getpid()}

    return app
