"""The pages: read only, nothing is published from here."""

import logging
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from pusher.errors import PusherError

from boards import realtime, stand_ins
from boards.forms import (
    AssigneeForm,
    MessageForm,
    NewTaskForm,
    NodesForm,
    NoteForm,
    StatusForm,
    TitleForm,
)
from boards.models import Digest, Node, Notification, Task, Workspace

logger = logging.getLogger(__name__)

SHOWN: Final = 100


class SignedInRequest(HttpRequest):
    """A request that passed `login_required`."""

    user: User


def workspace_or_404(user: User, slug: str) -> Workspace:
    """404, not 403: somebody else's workspace does not even exist for you."""
    return get_object_or_404(Workspace.objects.visible_to(user), slug=slug)


def task_or_404(user: User, pk: int) -> Task:
    tasks = Task.objects.select_related("workspace", "assignee")
    return get_object_or_404(tasks, pk=pk, workspace__in=Workspace.objects.visible_to(user))


@login_required
def workspace_list(request: SignedInRequest) -> HttpResponse:
    workspaces = Workspace.objects.visible_to(request.user).prefetch_related("members")
    return render(
        request,
        "boards/workspace_list.html",
        {
            "workspaces": workspaces.annotate(task_count=Count("tasks")).order_by("name"),
            "page_channels": own_channels(request.user),
        },
    )


@login_required
def workspace(request: SignedInRequest, slug: str) -> HttpResponse:
    workspace = workspace_or_404(request.user, slug)
    highlighted = Node.objects.filter(tasks__workspace=workspace).exclude(
        tasks__status=Task.Status.DONE
    )
    return render(
        request,
        "boards/workspace.html",
        {
            "workspace": workspace,
            "tasks": workspace.tasks.select_related("assignee")
            .order_by("-pk")
            .annotate(message_count=Count("messages")),
            "form": NewTaskForm(workspace),
            "nodes": workspace.nodes.all(),
            "highlighted": set(highlighted.values_list("pk", flat=True)),
            "recommendations": workspace.recommendations.filter(dismissed=False),
            "digests": workspace.digests.all()[:3],
            "page_channels": _page_channels(request.user, workspace),
            **_presence(workspace),
        },
    )


@login_required
def here(request: SignedInRequest, slug: str) -> HttpResponse:
    """The list of who is here alone: a page that is not live asks for it again and again."""
    workspace = workspace_or_404(request.user, slug)
    return render(request, "boards/_here.html", {"workspace": workspace, **_presence(workspace)})


def _presence(workspace: Workspace) -> dict[str, Any]:
    members = workspace.members.order_by("pk")
    return {
        "here": _people_here(workspace),
        "stand_ins": members if realtime.is_in_memory() else None,
        "standing_in": stand_ins.present(workspace),
    }


def _people_here(workspace: Workspace) -> list[User] | None:
    """Whose browsers are subscribed to the presence channel; None when Pusher does not answer."""
    try:
        user_ids = realtime.who_is_here(workspace.slug)
    except (PusherError, OSError):  # refused, or not reached: the SDK raises what requests raises
        logger.exception("who is in %s", workspace.slug)
        return None
    return list(User.objects.filter(pk__in=user_ids).order_by("pk"))


@login_required
def notes(request: SignedInRequest, slug: str) -> HttpResponse:
    workspace = workspace_or_404(request.user, slug)
    return render(
        request,
        "boards/notes.html",
        {
            "workspace": workspace,
            "notes": workspace.notes.select_related("author"),
            "form": NoteForm(),
            "notes_are_on": realtime.notes_are_on(),
            "channel": realtime.get_notes_channel_name(slug),
            "page_channels": _page_channels(request.user, workspace),
        },
    )


@login_required
def digest(request: SignedInRequest, pk: int) -> HttpResponse:
    digests = Digest.objects.select_related("workspace", "requested_by")
    visible = Workspace.objects.visible_to(request.user)
    digest = get_object_or_404(digests, pk=pk, workspace__in=visible)
    return render(
        request,
        "boards/digest.html",
        {
            "digest": digest,
            "workspace": digest.workspace,
            "page_channels": _page_channels(request.user, digest.workspace),
        },
    )


@login_required
def inbox(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "boards/inbox.html",
        {
            "notifications": Notification.objects.filter(recipient=request.user)[:SHOWN],
            "page_channels": own_channels(request.user),
        },
    )


@login_required
def task(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    return render(
        request,
        "boards/task.html",
        {
            "task": task,
            "workspace": task.workspace,
            "chat": task.messages.select_related("author"),
            "questions": task.questions.all(),
            "run": task.runs.first(),
            "message_form": MessageForm(),
            "title_form": TitleForm(initial={"title": task.title}),
            "status_form": StatusForm(initial={"status": task.status}),
            "assignee_form": AssigneeForm(task.workspace, initial={"assignee": task.assignee}),
            "nodes_form": NodesForm(task.workspace, initial={"nodes": task.nodes.all()}),
            "page_channels": {
                **_page_channels(request.user, task.workspace),
                "task": realtime.get_task_channel_name(task.pk),
            },
        },
    )


def own_channels(user: User) -> dict[str, str]:
    """The channels of a live page that belongs to no workspace."""
    return {"user": realtime.get_user_channel_name(user.pk)}


def _page_channels(user: User, workspace: Workspace) -> dict[str, str]:
    """The channels a live page of a workspace subscribes to."""
    channels = {
        **own_channels(user),
        "workspace": realtime.get_workspace_channel_name(workspace.slug),
        "presence": realtime.get_presence_channel_name(workspace.slug),
    }
    if realtime.notes_are_on():
        channels["notes"] = realtime.get_notes_channel_name(workspace.slug)
    return channels
