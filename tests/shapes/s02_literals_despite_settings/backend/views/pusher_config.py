"""The client of Pusher. Its settings are in settings.py, too; nobody has read them since."""

import pusher

pusher_client = pusher.Pusher(
    app_id="202020",
    key="02020202020202020202",
    secret="a2a2a2a2a2a2a2a2a2a2",
    cluster="us2",
    ssl=True,
)
