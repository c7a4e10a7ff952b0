"""Webhooks, as a framework for APIs hands them over: decoded."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from .providers import PusherProvider, occupied


class Request:
    """A request whose body somebody has read already."""

    def __init__(self, request: HttpRequest) -> None:
        self.headers = request.headers
        self.data: Any = json.loads(request.body)


@csrf_exempt
def webhook(django_request: HttpRequest) -> HttpResponse:
    request = Request(django_request)
    hook = PusherProvider().pusher.validate_webhook(
        request.headers["X-Pusher-Key"],
        request.headers["X-Pusher-Signature"],
        json.dumps(request.data, separators=(",", ":")),
    )
    if hook is None:
        return HttpResponse(status=403)
    for event in hook["events"]:
        if event["name"] == "channel_occupied":
            occupied.add(event["channel"])
        elif event["name"] == "channel_vacated":
            occupied.discard(event["channel"])
    return HttpResponse(status=200)
