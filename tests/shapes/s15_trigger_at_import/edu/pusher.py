"""The client, and a first event to see whether it works."""

import os

import pusher

pusher_client = pusher.Pusher(
    app_id=os.environ["PUSHER_APP_APP_ID"],
    key=os.environ["REACT_APP_API_KEY"],
    secret=os.environ["PUSHER_APP_SECRET"],
    cluster=os.environ.get("PUSHER_CLUSTER", "ap2"),
    ssl=True,
)

pusher_client.trigger("my-channel", "my-event", {"message": "hello world"})
