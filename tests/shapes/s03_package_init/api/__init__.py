"""The API. Whatever is imported from here has the client built first."""

import pusher
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

pusher_client = pusher.Pusher(
    app_id=settings.PUSHER_APP_ID,
    key=settings.PUSHER_APP_KEY,
    secret=settings.PUSHER_APP_SECRET,
    json_encoder=DjangoJSONEncoder,
)
