"""A digest of a workspace: one line for each task. Runs in the worker, not in a request."""

from math import ceil
from typing import Final

from django.db.models import Count

from boards import realtime
from boards.models import Digest, Task, Workspace, display_name

#: Progress events of one digest, at most: each costs a request and a message of Pusher's quota.
STEPS: Final = 10


def tasks_of(workspace: Workspace) -> list[Task]:
    tasks = workspace.tasks.select_related("assignee").order_by("-pk")
    return list(tasks.annotate(message_count=Count("messages")))


def line_about(task: Task) -> str:
    """What there is to say about a task of `tasks_of`."""
    message_count: int = task.message_count  # type: ignore[attr-defined]  # annotated
    who = display_name(task.assignee) if task.assignee else "nobody"
    words = [f"{task.title}: {task.get_status_display().lower()}, {who}"]
    if task.workflow_status != Task.WorkflowStatus.PENDING:
        words.append(f"run {task.get_workflow_status_display().lower()}")
    if message_count:
        words.append("1 message" if message_count == 1 else f"{message_count} messages")
    return "; ".join(words)


def write(digest: Digest) -> None:
    """Write it and publish the progress and the result. Called again, it starts over.

    Outside a transaction each save is a commit, so what an event speaks of can be read.

    Raises:
        PusherError: Pusher refused an event; what was saved stays.
        OSError: Pusher could not be reached; likewise.
    """
    if digest.status != Digest.Status.READY:  # else only the last event is missing
        _save(digest, Digest.Status.WRITING)
        tasks = tasks_of(digest.workspace)
        step = ceil(len(tasks) / STEPS)
        lines = []
        for done, task in enumerate(tasks, start=1):
            lines.append(line_about(task))
            if done % step == 0 or done == len(tasks):
                realtime.digest_progress(digest, done, len(tasks))
        digest.text = "\n".join(lines)
        _save(digest, Digest.Status.READY)
    realtime.digest_ready(digest)


def give_up(digest: Digest) -> None:
    """A digest that is ready stays so: only its announcement is lost."""
    if digest.status != Digest.Status.READY:
        _save(digest, Digest.Status.FAILED)


def _save(digest: Digest, status: Digest.Status) -> None:
    digest.status = status
    digest.save(update_fields=["status", "text"])
