"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def services(request: HttpRequest) -> dict[str, str | None]:
    return {"PUSHER_KEY": settings.PUSHER_KEY}
