"""The REST half of the message pattern: an event brings an id, this brings the rest."""

import re
from typing import Any, Final

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from boards import services
from boards.forms import MessageForm
from boards.models import Message, Notification, Workspace, display_name
from boards.views.pages import task_or_404

SOCKET_ID: Final = re.compile(r"[0-9]+\.[0-9]+")


def _as_json(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "taskId": str(message.task_id),
        "author": display_name(message.author),
        "text": message.text,
        "created": message.created.isoformat(),
    }


@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, for members of its workspace; 404 for everybody else."""
    if not isinstance(request.user, User):
        return JsonResponse({"error": "Log in first."}, status=401)
    visible = Workspace.objects.visible_to(request.user)
    messages = Message.objects.select_related("author")
    return JsonResponse(_as_json(get_object_or_404(messages, pk=pk, task__workspace__in=visible)))


@require_POST
def post_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a message from a live page. `X-Socket-ID` leaves the sender's own connection out."""
    if not isinstance(request.user, User):
        return JsonResponse({"error": "Log in first."}, status=401)
    task = task_or_404(request.user, pk)
    socket_id = request.headers.get("X-Socket-ID")
    if socket_id is not None and not SOCKET_ID.fullmatch(socket_id):
        return JsonResponse({"error": "X-Socket-ID is not a socket id."}, status=400)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": form.errors}, status=400)
    message = services.post_message(task, request.user, form.cleaned_data["text"], socket_id)
    return JsonResponse(_as_json(message), status=201)


@require_GET
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    """One notification of one's own, and how many are unread; 404 for everybody else."""
    if not isinstance(request.user, User):
        return JsonResponse({"error": "Log in first."}, status=401)
    own = Notification.objects.filter(recipient=request.user)
    notification = get_object_or_404(own, pk=pk)
    return JsonResponse(
        {
            "id": str(notification.pk),
            "kind": notification.kind,
            "text": notification.text,
            "link": notification.link,
            "read": notification.read,
            "created": notification.created.isoformat(),
            "unreadCount": own.unread().count(),
        }
    )
