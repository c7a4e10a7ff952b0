"""The client, of variables that say nothing of Pusher."""

import os

import pusher

pusher_client = pusher.Pusher(
    app_id=os.environ["WEBSOCKET_APP_ID"],
    key=os.environ["WEBSOCKET_APP_KEY"],
    secret=os.environ["WEBSOCKET_APP_SECRET"],
    host=os.environ["WEBSOCKET_HOST"],
    port=int(os.environ["WEBSOCKET_PORT"]),
    ssl=not os.environ["WEBSOCKET_SSL"] == "False",  # noqa: SIM201 - as applications have it
)
