"""The REST half of the message pattern: an event brings an id, this brings the rest."""

import re
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods

from boards import services
from boards.forms import MessageForm
from boards.models import Message, Notification, Task, Workspace, display_name
from boards.views.pages import task_or_404

SOCKET_ID: Final = re.compile(r"[0-9]+\.[0-9]+")

#: Messages of one answer, at most.
PAGE_SIZE: Final = 100


class _PostedForm(MessageForm):
    """As on the page, and what the page calls the message until it has an id."""

    clientId = forms.UUIDField(required=False)


class _NewerForm(forms.Form):
    after = forms.IntegerField(required=False, min_value=0)


def _as_json(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "clientId": str(message.client_id) if message.client_id else None,
        "taskId": str(message.task_id),
        "author": display_name(message.author),
        "authorId": str(message.author_id),
        "text": message.text,
        "created": message.created.isoformat(),
    }


def _log_in_first() -> HttpResponse:
    return JsonResponse({"error": "Log in first."}, status=401)


@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, for members of its workspace; 404 for everybody else."""
    if not isinstance(request.user, User):
        return _log_in_first()
    visible = Workspace.objects.visible_to(request.user)
    messages = Message.objects.select_related("author")
    return JsonResponse(_as_json(get_object_or_404(messages, pk=pk, task__workspace__in=visible)))


@require_http_methods(["GET", "POST"])
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """The messages of a task, for members of its workspace; 404 for everybody else."""
    if not isinstance(request.user, User):
        return _log_in_first()
    task = task_or_404(request.user, pk)
    if request.method == "POST":
        return _post(request, request.user, task)
    return _newer(request, task)


def _newer(request: HttpRequest, task: Task) -> HttpResponse:
    """What a page has missed: the messages `after` an id, the oldest first, and if there are more.

    Ids are given out when a message is written and seen when it is committed, so that a lower one
    may appear after a higher one. A page asks from a little before the last it has.
    """
    form = _NewerForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": form.errors}, status=400)
    newer = task.messages.select_related("author").filter(pk__gt=form.cleaned_data["after"] or 0)
    found = list(newer.order_by("pk")[: PAGE_SIZE + 1])
    return JsonResponse(
        {
            "messages": [_as_json(message) for message in found[:PAGE_SIZE]],
            "more": len(found) > PAGE_SIZE,
        }
    )


def _post(request: HttpRequest, author: User, task: Task) -> HttpResponse:
    """Post a message from a live page. `X-Socket-ID` leaves the sender's own connection out."""
    socket_id = request.headers.get("X-Socket-ID")
    if socket_id is not None and not SOCKET_ID.fullmatch(socket_id):
        return JsonResponse({"error": "X-Socket-ID is not a socket id."}, status=400)
    form = _PostedForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": form.errors}, status=400)
    message = services.post_message(
        task, author, form.cleaned_data["text"], socket_id, form.cleaned_data["clientId"]
    )
    return JsonResponse(_as_json(message), status=201)


@require_GET
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    """One notification of one's own, and how many are unread; 404 for everybody else."""
    if not isinstance(request.user, User):
        return _log_in_first()
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
