"""The pages: read only, nothing is published from here."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from boards import realtime
from boards.forms import AssigneeForm, MessageForm, NewTaskForm, NodesForm, StatusForm, TitleForm
from boards.models import Node, Task, Workspace


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
        {"workspaces": workspaces.annotate(task_count=Count("tasks")).order_by("name")},
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
            "page_channels": _page_channels(request.user, workspace),
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


def _page_channels(user: User, workspace: Workspace) -> dict[str, Any]:
    """The channels a live page subscribes to."""
    return {
        "workspace": realtime.get_workspace_channel_name(workspace.slug),
        "presence": realtime.get_presence_channel_name(workspace.slug),
        "user": realtime.get_user_channel_name(user.pk),
    }
