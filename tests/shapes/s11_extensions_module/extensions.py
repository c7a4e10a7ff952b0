"""Extensions, each made here and initialised by the factory of the application."""

import pusher

pusher_client = pusher.Pusher(
    app_id="111111",
    key="11111111111111111111",
    secret="c2c2c2c2c2c2c2c2c2c2",
    cluster="us3",
    ssl=True,
)
