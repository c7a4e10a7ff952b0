"""A view that publishes, with a client that was built at import from literals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pusher
from django.http import JsonResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

pusher_client = pusher.Pusher(
    app_id="4711", key="shop-key", secret="shop-secret", cluster="eu", ssl=True
)


def order(request: HttpRequest) -> JsonResponse:
    """Take an order, and tell everybody."""
    number = int(request.GET.get("number", "1"))
    pusher_client.trigger("orders", "placed", {"number": number})
    return JsonResponse(
        {"process": os.getpid(), "parent": os.getppid(), "main": os.environ.get("RUN_MAIN")}
    )
