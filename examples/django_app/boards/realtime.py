"""Everything this application says to Pusher: event names, channel names, one function per event.

`pusher_server` is imported once, at module level, as real applications do. It is `pusher.Pusher`
or its in-memory double, chosen by `USE_MOCKS`; nothing below can tell the difference.
"""

from collections.abc import Sequence
from typing import Any, Final

from compat import pusher_server
from django.contrib.auth.models import User

from boards.models import Message, Run, Task, Workspace

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

USER_CHANNEL_PREFIX: Final = "private-user-"
PRESENCE_CHANNEL_PREFIX: Final = "presence-workspace-"


def get_task_channel_name(task_id: int | str) -> str:
    return f"task-{task_id}"


def get_workspace_channel_name(slug: str) -> str:
    return f"workspace-{slug}"


def get_user_channel_name(user_id: int | str) -> str:
    return f"{USER_CHANNEL_PREFIX}{user_id}"


def get_presence_channel_name(slug: str) -> str:
    return f"{PRESENCE_CHANNEL_PREFIX}{slug}"


def presence_member(user: User) -> dict[str, Any]:
    """Who a user is on a presence channel. Pusher wants `user_id` to be a string."""
    return {"user_id": str(user.pk), "user_info": {"name": user.get_full_name() or user.username}}


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


def connection_count(slug: str) -> list[str]:
    """Ask Pusher who is in the workspace, and tell the workspace how many there are.

    Returns:
        The user ids, as Pusher has them: strings.
    """
    answer = pusher_server.users_info(get_presence_channel_name(slug))
    user_ids = [str(user["id"]) for user in answer["users"]]
    pusher_server.trigger(
        get_workspace_channel_name(slug), CONNECTION_COUNT, {"count": len(user_ids)}
    )
    return user_ids


def mentioned(user_id: int, message: Message) -> None:
    _notify(
        user_id,
        {"kind": "mention", "taskId": str(message.task_id), "messageId": str(message.pk)},
    )


def assigned(user_id: int, task: Task) -> None:
    _notify(user_id, {"kind": "assignment", "taskId": str(task.pk)})


def _notify(user_id: int, data: dict[str, str]) -> None:
    pusher_server.trigger(get_user_channel_name(user_id), NOTIFICATION, data)


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
