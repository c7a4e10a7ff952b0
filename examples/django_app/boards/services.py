"""What people do here. Each function changes rows, and publishes once they are committed."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from boards import notifications, realtime
from boards.access import NOTES_ARE_OFF
from boards.models import (
    Digest,
    FollowUpQuestion,
    Message,
    Node,
    Note,
    Notification,
    Recommendation,
    Run,
    Task,
    Workspace,
)

_P = ParamSpec("_P")


class ActionRefused(Exception):
    """The action does not fit the state the row is in; the text is for the person who tried."""


def publish_after_commit(
    publish: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs
) -> None:
    """Publish when readers can see the row that the event speaks of.

    `robust`: a Pusher that cannot be reached is logged; it does not turn a saved message into an
    error page. Django logs the function's name, which a `functools.partial` does not have.
    """

    @wraps(publish)
    def run() -> None:
        publish(*args, **kwargs)

    transaction.on_commit(run, robust=True)


@transaction.atomic
def create_task(
    workspace: Workspace, title: str, assignee: User | None = None, *, by: User
) -> Task:
    task = Task.objects.create(workspace=workspace, title=title, assignee=assignee)
    publish_after_commit(realtime.task_created, task)
    _tell_assignee(task, by)
    return task


@transaction.atomic
def rename_task(task: Task, title: str) -> None:
    previous = task.title
    if title == previous:
        return
    task.title = title
    task.save(update_fields=["title"])
    publish_after_commit(realtime.task_renamed, task, previous)


@transaction.atomic
def set_status(task: Task, status: str) -> None:
    if status == task.status:
        return
    task.status = status
    task.save(update_fields=["status"])
    publish_after_commit(realtime.workflow_status_changed, task)


@transaction.atomic
def assign(task: Task, assignee: User | None, *, by: User) -> None:
    if assignee == task.assignee:
        return
    task.assignee = assignee
    task.save(update_fields=["assignee"])
    _tell_assignee(task, by)


@transaction.atomic
def post_message(
    task: Task,
    author: User,
    text: str,
    socket_id: str | None = None,
    client_id: UUID | None = None,
) -> Message:
    """Save a message, tell its readers, and notify whom it mentions.

    Args:
        task: Where it is said.
        author: Who says it.
        text: What.
        socket_id: The author's connection, which need not be told.
        client_id: What the author's page calls it. A page that heard no answer sends the message
            again: by this it is found, and nothing happens twice.
    """
    if client_id is None:
        message = Message.objects.create(task=task, author=author, text=text)
    else:
        message, created = Message.objects.get_or_create(
            task=task, author=author, client_id=client_id, defaults={"text": text}
        )
        if not created:
            return message
    publish_after_commit(realtime.new_message, message, socket_id)
    # Members only: a notification about a task is itself something to keep inside.
    mentioned = task.workspace.members.filter(username__in=notifications.MENTION.findall(text))
    for person in mentioned.exclude(pk=author.pk):
        _notify(notifications.about_mention(message, person))
    return message


@transaction.atomic
def mark_read(user: User, pk: int | None = None) -> None:
    """Mark one notification of the user as read, or all of them."""
    unread = Notification.objects.filter(recipient=user).unread()
    if (unread if pk is None else unread.filter(pk=pk)).update(read=True):
        publish_after_commit(realtime.notifications_read, user)


@transaction.atomic
def add_note(workspace: Workspace, author: User, text: str) -> Note:
    if not realtime.notes_are_on():
        raise ActionRefused(NOTES_ARE_OFF)
    note = Note.objects.create(workspace=workspace, author=author, text=text)
    publish_after_commit(realtime.note_added, note)
    return note


@transaction.atomic
def remove_note(note: Note) -> None:
    if not realtime.notes_are_on():
        raise ActionRefused(NOTES_ARE_OFF)
    workspace, note_id = note.workspace, note.pk
    note.delete()
    publish_after_commit(realtime.note_removed, workspace, note_id)


@transaction.atomic
def request_digest(workspace: Workspace, user: User) -> Digest:
    digest = Digest.objects.create(workspace=workspace, requested_by=user)
    publish_after_commit(_start_writing, digest.pk)  # a worker cannot see the row before
    return digest


def _start_writing(digest_id: int) -> None:
    from boards.tasks import write_digest  # the one place that needs Celery

    write_digest.delay(digest_id)


@transaction.atomic
def set_nodes(task: Task, nodes: Iterable[Node]) -> None:
    chosen = list(nodes)
    task.nodes.set(chosen)
    publish_after_commit(realtime.highlight_nodes, task, [node.pk for node in chosen])


@transaction.atomic
def start_run(task: Task) -> Run:
    if task.runs.filter(status=Run.Status.IN_PROGRESS).exists():
        raise ActionRefused("A run of this task is still going on.")
    run = Run.objects.create(task=task)
    _set_workflow_status(task, Task.WorkflowStatus.IN_PROGRESS)
    publish_after_commit(realtime.run_updated, run)
    publish_after_commit(realtime.workflow_status_changed, task)
    return run


@transaction.atomic
def finish_run(run: Run, *, completed: bool) -> None:
    status = Run.Status.COMPLETED if completed else Run.Status.FAILED
    # The filter decides, not the instance: of two people who click at once, one is refused.
    if not Run.objects.filter(pk=run.pk, status=Run.Status.IN_PROGRESS).update(status=status):
        raise ActionRefused("This run has already ended.")
    run.status = status
    _set_workflow_status(
        run.task, Task.WorkflowStatus.COMPLETED if completed else Task.WorkflowStatus.FAILED
    )
    publish_after_commit(realtime.run_updated, run)
    publish_after_commit(realtime.workflow_status_changed, run.task)
    if completed:
        questions = _replace_questions(run.task)
        publish_after_commit(realtime.follow_up_questions, run.task, questions)


@transaction.atomic
def decide_run(run: Run, decision: str) -> None:
    undecided = Run.objects.filter(pk=run.pk, status=Run.Status.COMPLETED, decision="")
    if not undecided.update(decision=decision):
        raise ActionRefused("Only a completed run waits for a decision, and only for one.")
    run.decision = decision
    publish_after_commit(realtime.run_decided, run)
    if decision == Run.Decision.ACCEPTED:
        task = run.task
        Recommendation.objects.update_or_create(
            task=task,
            defaults={
                "workspace": task.workspace,
                "text": f"Add a regression test for “{task.title}”",
                "dismissed": False,
            },
        )
        _publish_recommendations(task.workspace)


@transaction.atomic
def dismiss_recommendation(recommendation: Recommendation) -> None:
    recommendation.dismissed = True
    recommendation.save(update_fields=["dismissed"])
    _publish_recommendations(recommendation.workspace)


def _tell_assignee(task: Task, by: User) -> None:
    if task.assignee is not None and task.assignee != by:
        _notify(notifications.about_assignment(task, task.assignee, by))


def _notify(notification: Notification) -> None:
    notification.save()
    publish_after_commit(realtime.notified, notification)


def _set_workflow_status(task: Task, status: Task.WorkflowStatus) -> None:
    task.workflow_status = status
    task.save(update_fields=["workflow_status"])


def _replace_questions(task: Task) -> list[str]:
    texts = [f"How will we notice that “{task.title}” works?", "Who should review the result?"]
    task.questions.all().delete()
    FollowUpQuestion.objects.bulk_create(FollowUpQuestion(task=task, text=t) for t in texts)
    return texts


def _publish_recommendations(workspace: Workspace) -> None:
    count = workspace.recommendations.filter(dismissed=False).count()
    publish_after_commit(realtime.recommendations_updated, workspace, count)
