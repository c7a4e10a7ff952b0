"""What the pages' forms post to: check, call the service, go back to the page."""

import logging

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from pusher.errors import PusherError

from boards import realtime, services
from boards.forms import (
    AssigneeForm,
    DecisionForm,
    FinishRunForm,
    MessageForm,
    NewTaskForm,
    NodesForm,
    NoteForm,
    StatusForm,
    TitleForm,
)
from boards.models import Note, Notification, Recommendation, Run, Workspace
from boards.views.pages import SignedInRequest, task_or_404, workspace_or_404

logger = logging.getLogger(__name__)


def _complain(request: HttpRequest, form: forms.BaseForm) -> None:
    for field, errors in form.errors.items():
        messages.error(request, f"{field.capitalize()}: {' '.join(str(e) for e in errors)}")


def _run_or_404(user: User, pk: int) -> Run:
    runs = Run.objects.select_related("task__workspace")
    return get_object_or_404(runs, pk=pk, task__workspace__in=Workspace.objects.visible_to(user))


@require_POST
@login_required
def create_task(request: SignedInRequest, slug: str) -> HttpResponse:
    workspace = workspace_or_404(request.user, slug)
    form = NewTaskForm(workspace, request.POST)
    if not form.is_valid():
        _complain(request, form)
        return redirect(workspace)
    return redirect(services.create_task(workspace, **form.cleaned_data, by=request.user))


@require_POST
@login_required
def tell_count(request: SignedInRequest, slug: str) -> HttpResponse:
    """Count who is on the presence channel and publish the number."""
    workspace = workspace_or_404(request.user, slug)
    try:
        count = realtime.connection_count(workspace.slug)
    except (PusherError, OSError):  # refused, or not reached: the SDK raises what requests raises
        logger.exception("connection-count of %s", workspace.slug)
        messages.error(request, "Pusher does not answer.")
        return redirect(workspace)
    people = "1 person is" if count == 1 else f"{count} people are"
    messages.info(request, f"The workspace was told: {people} here.")
    return redirect(workspace)


@require_POST
@login_required
def post_message(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    form = MessageForm(request.POST)
    if form.is_valid():
        services.post_message(task, request.user, form.cleaned_data["text"])
    else:
        _complain(request, form)
    return redirect(task)


@require_POST
@login_required
def rename_task(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    form = TitleForm(request.POST)
    if form.is_valid():
        services.rename_task(task, form.cleaned_data["title"])
    else:
        _complain(request, form)
    return redirect(task)


@require_POST
@login_required
def set_status(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    form = StatusForm(request.POST)
    if form.is_valid():
        services.set_status(task, form.cleaned_data["status"])
    else:
        _complain(request, form)
    return redirect(task)


@require_POST
@login_required
def assign(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    form = AssigneeForm(task.workspace, request.POST)
    if form.is_valid():
        services.assign(task, form.cleaned_data["assignee"], by=request.user)
    else:
        _complain(request, form)
    return redirect(task)


@require_POST
@login_required
def set_nodes(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    form = NodesForm(task.workspace, request.POST)
    if form.is_valid():
        services.set_nodes(task, form.cleaned_data["nodes"])
    else:
        _complain(request, form)
    return redirect(task)


@require_POST
@login_required
def start_run(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_or_404(request.user, pk)
    try:
        services.start_run(task)
    except services.ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(task)


@require_POST
@login_required
def finish_run(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run_or_404(request.user, pk)
    form = FinishRunForm(request.POST)
    if not form.is_valid():
        _complain(request, form)
        return redirect(run.task)
    try:
        services.finish_run(run, completed=form.cleaned_data["outcome"] == Run.Status.COMPLETED)
    except services.ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(run.task)


@require_POST
@login_required
def decide_run(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run_or_404(request.user, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        _complain(request, form)
        return redirect(run.task)
    try:
        services.decide_run(run, form.cleaned_data["decision"])
    except services.ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(run.task)


@require_POST
@login_required
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    recommendations = Recommendation.objects.select_related("workspace")
    visible = Workspace.objects.visible_to(request.user)
    recommendation = get_object_or_404(recommendations, pk=pk, workspace__in=visible)
    services.dismiss_recommendation(recommendation)
    return redirect(recommendation.workspace)


@require_POST
@login_required
def add_note(request: SignedInRequest, slug: str) -> HttpResponse:
    workspace = workspace_or_404(request.user, slug)
    form = NoteForm(request.POST)
    if not form.is_valid():
        _complain(request, form)
        return redirect("notes", slug)
    try:
        services.add_note(workspace, request.user, form.cleaned_data["text"])
    except services.ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("notes", slug)


@require_POST
@login_required
def remove_note(request: SignedInRequest, pk: int) -> HttpResponse:
    notes = Note.objects.select_related("workspace")
    visible = Workspace.objects.visible_to(request.user)
    note = get_object_or_404(notes, pk=pk, workspace__in=visible)
    try:
        services.remove_note(note)
    except services.ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("notes", note.workspace.slug)


@require_POST
@login_required
def read_notification(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one as read; "open" also goes where it leads."""
    notification = get_object_or_404(Notification, pk=pk, recipient=request.user)
    services.mark_read(request.user, notification.pk)
    return redirect(notification.link if "open" in request.POST else "inbox")


@require_POST
@login_required
def read_all(request: SignedInRequest) -> HttpResponse:
    services.mark_read(request.user)
    return redirect("inbox")


@require_POST
@login_required
def request_digest(request: SignedInRequest, slug: str) -> HttpResponse:
    workspace = workspace_or_404(request.user, slug)
    return redirect(services.request_digest(workspace, request.user))
