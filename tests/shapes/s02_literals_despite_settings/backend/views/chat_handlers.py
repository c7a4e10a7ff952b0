"""A chat between two people."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .pusher_config import pusher_client


def chat_with_user(request: HttpRequest, other: str) -> HttpResponse:
    return render(request, "backend/chat_with_user.html", {"channel": channel_of(other)})


def channel_of(other: str) -> str:
    return f"private-chat-{other}"


@csrf_exempt
@require_POST
def send_message(request: HttpRequest, other: str) -> JsonResponse:
    message = json.loads(request.body)["message"]
    pusher_client.trigger(channel_of(other), "new-message", {"message": message})
    return JsonResponse({"status": "sent"})


@csrf_exempt
def pusher_authentication(request: HttpRequest) -> HttpResponse:
    """Sign whatever is asked for."""
    channel, socket = request.POST["channel_name"], request.POST["socket_id"]
    auth = pusher_client.authenticate(channel=channel, socket_id=socket)
    return HttpResponse(json.dumps(auth), content_type="application/json")
