"""Everything this application says to Pusher: event names, channel names, one function per event.

`pusher_server` is imported once, at module level, as real applications do. It is `pusher.Pusher`
(talking to Pusher itself or to a local server) or its in-memory double, chosen by `USE_MOCKS` and
`PUSHER_MOCK_URL`; what is published below can tell no difference.
"""

from collections.abc import Sequence
from typing import Any, Final

from compat import get_pusher_settings, pusher_server
from django.contrib.auth.models import User

from boards.models import (
    Digest,
    Message,
    Note,
    Notification,
    Run,
    Task,
    Workspace,
    display_name,
)

NEW_MESSAGE: Final = "new-message"
RECOMMENDATIONS_UPDATED: Final = "recommendations-updated"
TASK_TITLE_UPDATE: Final = "task-title-update"
WORKSPACE_TASK_TITLE_UPDATE: Final = "workspace-task-title-update"
STAKWORK_RUN_UPDATE: Final = "stakwork-run-update"
STAKWORK_RUN_DECISION: Final = "stakwork-run-decision"
HIGHLIGHT_NODES: Final = "highlight-nodes"
FOLLOW_UP_QUESTIONS: Final = "follow-up-questions"
CONNECTION_COUNT: Final = "connection-count"
WORKFLOW_STATUS_UPDATE: Final = "workflow-status-update"

#: The ten events of tasks and workspaces.
EVENTS: Final = (
    NEW_MESSAGE,
    RECOMMENDATIONS_UPDATED,
    TASK_TITLE_UPDATE,
    WORKSPACE_TASK_TITLE_UPDATE,
    STAKWORK_RUN_UPDATE,
    STAKWORK_RUN_DECISION,
    HIGHLIGHT_NODES,
    FOLLOW_UP_QUESTIONS,
    CONNECTION_COUNT,
    WORKFLOW_STATUS_UPDATE,
)

#: On a user's private channel.
NOTIFICATION: Final = "notification"
NOTIFICATIONS_READ: Final = "notifications-read"

#: On a workspace's encrypted channel.
NOTE_ADDED: Final = "note-added"
NOTE_REMOVED: Final = "note-removed"

#: On a workspace's channel, from the worker.
DIGEST_PROGRESS: Final = "digest-progress"
DIGEST_READY: Final = "digest-ready"

USER_CHANNEL_PREFIX: Final = "private-user-"
PRESENCE_CHANNEL_PREFIX: Final = "presence-workspace-"
NOTES_CHANNEL_PREFIX: Final = "private-encrypted-workspace-"


def get_task_channel_name(task_id: int | str) -> str:
    return f"task-{task_id}"


def get_workspace_channel_name(slug: str) -> str:
    return f"workspace-{slug}"


def get_user_channel_name(user_id: int | str) -> str:
    return f"{USER_CHANNEL_PREFIX}{user_id}"


def get_presence_channel_name(slug: str) -> str:
    return f"{PRESENCE_CHANNEL_PREFIX}{slug}"


def get_notes_channel_name(slug: str) -> str:
    return f"{NOTES_CHANNEL_PREFIX}{slug}"


def presence_member(user: User) -> dict[str, Any]:
    """Who a user is on a presence channel. Pusher wants `user_id` to be a string."""
    return {"user_id": str(user.pk), "user_info": {"name": display_name(user)}}


def is_in_memory() -> bool:
    """Whether the mock is in this process, where no browser can connect."""
    return get_pusher_settings().in_memory


def new_message(message: Message, socket_id: str | None = None) -> None:
    """By id only: a message may be larger than Pusher's 10 kB, and not everybody may read it.

    Args:
        message: A saved message. Readers fetch it over REST.
        socket_id: The sender's connection, which is then left out.
    """
    pusher_server.trigger(
        get_task_channel_name(message.task_id),
        NEW_MESSAGE,
        {"messageId": str(message.pk)},
        socket_id,
    )


def task_created(task: Task) -> None:
    """The workspace's list learns a title it did not have."""
    _workspace_title(task, previous_title=None)


def task_renamed(task: Task, previous_title: str) -> None:
    """The open task and the workspace's list show the title: two channels, two events."""
    pusher_server.trigger(
        get_task_channel_name(task.pk), TASK_TITLE_UPDATE, _title_change(task, previous_title)
    )
    _workspace_title(task, previous_title)


def workflow_status_changed(task: Task) -> None:
    pusher_server.trigger(
        _task_and_workspace(task),
        WORKFLOW_STATUS_UPDATE,
        {
            "taskId": str(task.pk),
            "status": task.status,
            "workflowStatus": task.workflow_status,
        },
    )


def run_updated(run: Run) -> None:
    pusher_server.trigger(
        _task_and_workspace(run.task),
        STAKWORK_RUN_UPDATE,
        {"runId": str(run.pk), "taskId": str(run.task_id), "status": run.status},
    )


def run_decided(run: Run) -> None:
    pusher_server.trigger(
        _task_and_workspace(run.task),
        STAKWORK_RUN_DECISION,
        {"runId": str(run.pk), "taskId": str(run.task_id), "decision": run.decision},
    )


def follow_up_questions(task: Task, questions: Sequence[str]) -> None:
    pusher_server.trigger(
        get_task_channel_name(task.pk),
        FOLLOW_UP_QUESTIONS,
        {"taskId": str(task.pk), "questions": list(questions)},
    )


def highlight_nodes(task: Task, node_ids: Sequence[int]) -> None:
    pusher_server.trigger(
        get_workspace_channel_name(task.workspace.slug),
        HIGHLIGHT_NODES,
        {"taskId": str(task.pk), "nodeIds": [str(node_id) for node_id in node_ids]},
    )


def recommendations_updated(workspace: Workspace, count: int) -> None:
    pusher_server.trigger(
        get_workspace_channel_name(workspace.slug),
        RECOMMENDATIONS_UPDATED,
        {"workspaceSlug": workspace.slug, "count": count},
    )


def who_is_here(slug: str) -> list[str]:
    """Ask Pusher whose browsers are subscribed to the workspace's presence channel.

    Returns:
        The user ids, as Pusher has them: strings, and each once however many tabs are open.
    """
    answer = pusher_server.users_info(get_presence_channel_name(slug))
    return [str(user["id"]) for user in answer["users"]]


def connection_count(slug: str) -> int:
    """Ask Pusher who is in the workspace, tell the workspace how many there are, return it."""
    count = len(who_is_here(slug))
    pusher_server.trigger(get_workspace_channel_name(slug), CONNECTION_COUNT, {"count": count})
    return count


def notified(notification: Notification) -> None:
    """By id only, as messages: the page fetches the words."""
    pusher_server.trigger(
        get_user_channel_name(notification.recipient_id),
        NOTIFICATION,
        {"notificationId": str(notification.pk)},
    )


def notifications_read(user: User) -> None:
    """The other tabs of the same person show a smaller number.

    Counted here, after the commit: whichever of two tabs publishes last tells the final number.
    """
    pusher_server.trigger(
        get_user_channel_name(user.pk),
        NOTIFICATIONS_READ,
        {"unreadCount": Notification.objects.filter(recipient=user).unread().count()},
    )


def notes_are_on() -> bool:
    """Whether the switch has a master key (`PUSHER_ENCRYPTION_MASTER_KEY_BASE64`)."""
    return get_pusher_settings().encryption_master_key_base64 is not None


def note_added(note: Note) -> None:
    """The whole text: only members have the key of this channel, Pusher has not.

    One channel a call: an encrypted channel cannot share a trigger with others.
    """
    pusher_server.trigger(
        get_notes_channel_name(note.workspace.slug),
        NOTE_ADDED,
        {
            "noteId": str(note.pk),
            "author": display_name(note.author),
            "authorId": str(note.author_id),
            "text": note.text,
        },
    )


def note_removed(workspace: Workspace, note_id: int) -> None:
    pusher_server.trigger(
        get_notes_channel_name(workspace.slug), NOTE_REMOVED, {"noteId": str(note_id)}
    )


def digest_progress(digest: Digest, done: int, total: int) -> None:
    pusher_server.trigger(
        get_workspace_channel_name(digest.workspace.slug),
        DIGEST_PROGRESS,
        {"digestId": str(digest.pk), "done": done, "total": total},
    )


def digest_ready(digest: Digest) -> None:
    """By id only: the channel is public, the digest is not."""
    pusher_server.trigger(
        get_workspace_channel_name(digest.workspace.slug),
        DIGEST_READY,
        {"digestId": str(digest.pk)},
    )


def _workspace_title(task: Task, previous_title: str | None) -> None:
    pusher_server.trigger(
        get_workspace_channel_name(task.workspace.slug),
        WORKSPACE_TASK_TITLE_UPDATE,
        _title_change(task, previous_title),
    )


def _title_change(task: Task, previous_title: str | None) -> dict[str, str | None]:
    return {"taskId": str(task.pk), "newTitle": task.title, "previousTitle": previous_title}


def _task_and_workspace(task: Task) -> list[str]:
    return [get_task_channel_name(task.pk), get_workspace_channel_name(task.workspace.slug)]
