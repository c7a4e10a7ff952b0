"""The views, and the client that they share."""

import random

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST
from pusher import Pusher

pusher = Pusher(app_id="101010", key="01010101010101010101", secret="a1a1a1a1a1a1a1a1a1a1")

COLORS = ("red", "green", "blue")


@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "s01/home.html")


@require_POST
def message(request: HttpRequest) -> HttpResponse:
    text = {"text": request.POST["text"]}
    pusher.trigger(["private-chat", "presence-room"], "message", text, request.POST.get("socket"))
    return HttpResponse("ok")


@require_POST
def auth_private(request: HttpRequest) -> JsonResponse:
    channel, socket = request.POST["channel_name"], request.POST["socket_id"]
    return JsonResponse(pusher.authenticate(channel=channel, socket_id=socket))


@require_POST
def auth_presence(request: HttpRequest) -> JsonResponse:
    """Everybody is somebody new each time."""
    number = random.getrandbits(60)
    member = {
        "user_id": f"guest-{number}",
        "user_info": {"name": f"Guest {number}", "color": random.choice(COLORS)},
    }
    channel, socket = request.POST["channel_name"], request.POST["socket_id"]
    return JsonResponse(pusher.authenticate(channel, socket, member))
