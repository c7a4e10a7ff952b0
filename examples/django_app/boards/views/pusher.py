"""The addresses that Pusher's clients and Pusher itself call."""

import re
from typing import Final

from compat import pusher_server
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from boards import realtime
from boards.access import authorize_channel

SOCKET_ID: Final = re.compile(r"[0-9]+\.[0-9]+")


def _refused(status: int, reason: str) -> JsonResponse:
    return JsonResponse({"error": reason}, status=status)


@require_POST
def channel_auth(request: HttpRequest) -> HttpResponse:
    """Sign a subscription to a private, presence or encrypted channel, or refuse it with 403.

    Protected against forged requests like any other view: a browser sends the CSRF token as a
    header (pusher-js: `channelAuthorization.headers`).
    """
    if not isinstance(request.user, User):
        return _refused(403, "Log in first.")
    socket_id = request.POST.get("socket_id", "")
    channel_name = request.POST.get("channel_name", "")
    if not SOCKET_ID.fullmatch(socket_id):
        return _refused(400, "socket_id is missing or malformed.")
    try:
        member = authorize_channel(request.user, channel_name)
    except PermissionDenied as refusal:
        return _refused(403, str(refusal))
    signed = pusher_server.authenticate(channel_name, socket_id, member)
    if "shared_secret" in signed:  # of an encrypted channel; the SDK returns bytes, JSON has none
        signed["shared_secret"] = signed["shared_secret"].decode()
    return JsonResponse(signed)


@require_POST
def user_auth(request: HttpRequest) -> HttpResponse:
    """Sign the user in on a connection, so that messages can be sent to the user."""
    if not isinstance(request.user, User):
        return _refused(403, "Log in first.")
    socket_id = request.POST.get("socket_id", "")
    if not SOCKET_ID.fullmatch(socket_id):
        return _refused(400, "socket_id is missing or malformed.")
    member = realtime.presence_member(request.user)
    user_data = {"id": member["user_id"], "user_info": member["user_info"]}
    return JsonResponse(pusher_server.authenticate_user(socket_id, user_data))


@csrf_exempt  # Pusher has no session here; the signature over the body is the proof.
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Pusher tells who came and went; the workspace is told how many are connected."""
    payload = pusher_server.validate_webhook(
        request.headers.get("X-Pusher-Key", ""),
        request.headers.get("X-Pusher-Signature", ""),
        request.body.decode(errors="replace"),
    )
    if payload is None:
        return _refused(401, "The signature does not fit the body.")
    channels = {
        event["channel"]
        for event in payload["events"]
        if event["name"] in {"member_added", "member_removed"}
        and event["channel"].startswith(realtime.PRESENCE_CHANNEL_PREFIX)
    }
    for channel in sorted(channels):
        realtime.connection_count(channel.removeprefix(realtime.PRESENCE_CHANNEL_PREFIX))
    return JsonResponse({})
