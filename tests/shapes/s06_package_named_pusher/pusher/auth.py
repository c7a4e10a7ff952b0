"""The endpoint."""

from django.http import HttpRequest, HttpResponseForbidden, JsonResponse
from django.http.response import HttpResponseBase

from .base import get_pusher


def pusher_auth(request: HttpRequest) -> HttpResponseBase:
    channel, socket = request.POST["channel_name"], request.POST["socket_id"]
    client = get_pusher()
    if client is None or channel != f"private-user_{request.POST.get('user')}":
        return HttpResponseForbidden()
    return JsonResponse(client.authenticate(channel, socket))
