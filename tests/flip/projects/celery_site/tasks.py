"""A task that publishes: in a worker, or eagerly."""

from __future__ import annotations

import os
from pathlib import Path

import pusher
from celery import Celery  # type: ignore[import-untyped]

pusher_client = pusher.Pusher("4714", "task-key", "task-secret", cluster="eu")

folder = Path(os.environ["BROKER_FOLDER"])
app = Celery("tasks", broker="filesystem://")
app.conf.update(
    broker_transport_options={"data_folder_in": str(folder), "data_folder_out": str(folder)},
    task_always_eager=os.environ.get("EAGER") == "1",
    task_eager_propagates=True,
    worker_hijack_root_logger=False,
)


@app.task
def notify(number: int) -> None:
    """Tell everybody."""
    pusher_client.trigger("orders", "shipped", {"number": number, "process": os.getpid()})
