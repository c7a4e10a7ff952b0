"""What every page knows about Pusher."""

from typing import Any

from compat import frontend_config, is_mocked
from django.http import HttpRequest


def pusher(request: HttpRequest) -> dict[str, Any]:
    """Public configuration for the browser, asked for per request: it may change while we run."""
    return {"pusher_config": frontend_config(), "pusher_is_mocked": is_mocked()}
