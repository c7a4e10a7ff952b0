"""The web process: publishes by itself, and leaves the rest to a worker."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask
from tasks import notify, pusher_client  # type: ignore[import-not-found]

app = Flask(__name__)


@app.get("/")
def hello() -> dict[str, Any]:
    """Say that it is up."""
    return {}


@app.post("/order/<int:number>")
def order(number: int) -> dict[str, Any]:
    """Take an order."""
    pusher_client.trigger("orders", "placed", {"number": number, "process": os.getpid()})
    notify.delay(number)
    return {"process": os.getpid()}
