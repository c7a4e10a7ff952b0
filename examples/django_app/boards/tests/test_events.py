"""Each of the ten events: what somebody does, and what a subscriber hears of it."""

from unittest.mock import patch

from compat import get_pusher_server
from pusher.errors import PusherBadStatus

from boards import realtime
from boards.models import Node, Recommendation, Run
from boards.tests.base import BoardsTestCase, Listener


class TenEvents(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.task_channel = realtime.get_task_channel_name(self.task.pk)
        self.workspace_channel = realtime.get_workspace_channel_name("acme")
        self.page = f"/tasks/{self.task.pk}/"
        self.task_id = str(self.task.pk)

    def on_task(self) -> Listener:
        return self.listener(self.task_channel, *realtime.EVENTS)

    def on_workspace(self) -> Listener:
        return self.listener(self.workspace_channel, *realtime.EVENTS)

    def test_names_on_the_wire(self) -> None:
        self.assertEqual(
            sorted(realtime.EVENTS),
            [
                "connection-count",
                "follow-up-questions",
                "highlight-nodes",
                "new-message",
                "recommendations-updated",
                "stakwork-run-decision",
                "stakwork-run-update",
                "task-title-update",
                "workflow-status-update",
                "workspace-task-title-update",
            ],
        )
        self.assertEqual(realtime.get_task_channel_name("123"), "task-123")
        self.assertEqual(realtime.get_workspace_channel_name("acme"), "workspace-acme")

    def test_new_message(self) -> None:
        listener = self.on_task()
        self.act(f"{self.page}messages/", {"text": "I can reproduce it."})
        message = self.task.messages.get()
        self.assertEqual(
            listener.heard, [(self.task_channel, "new-message", {"messageId": str(message.pk)})]
        )

    def test_title_update_on_the_task_and_on_the_workspace(self) -> None:
        before = self.task.title
        task, workspace = self.on_task(), self.on_workspace()
        self.act(f"{self.page}title/", {"title": "Search keeps the filter"})
        change = {
            "taskId": self.task_id,
            "newTitle": "Search keeps the filter",
            "previousTitle": before,
        }
        self.assertEqual(task.heard, [(self.task_channel, "task-title-update", change)])
        self.assertEqual(
            workspace.heard, [(self.workspace_channel, "workspace-task-title-update", change)]
        )

    def test_an_unchanged_title_is_no_news(self) -> None:
        listener = self.on_task()
        self.act(f"{self.page}title/", {"title": self.task.title})
        self.assertEqual(listener.heard, [])

    def test_a_new_task_reaches_the_workspace(self) -> None:
        listener = self.on_workspace()
        self.act("/w/acme/tasks/", {"title": "Round before the sum", "assignee": ""})
        task = self.acme.tasks.get(title="Round before the sum")
        change = {"taskId": str(task.pk), "newTitle": task.title, "previousTitle": None}
        self.assertEqual(
            listener.heard, [(self.workspace_channel, "workspace-task-title-update", change)]
        )

    def test_workflow_status_update(self) -> None:
        task, workspace = self.on_task(), self.on_workspace()
        self.act(f"{self.page}status/", {"status": "doing"})
        status = {"taskId": self.task_id, "status": "doing", "workflowStatus": "pending"}
        self.assertEqual(task.heard, [(self.task_channel, "workflow-status-update", status)])
        self.assertEqual(
            workspace.heard, [(self.workspace_channel, "workflow-status-update", status)]
        )

    def test_run_update_when_a_run_starts(self) -> None:
        listener = self.on_workspace()
        self.act(f"{self.page}runs/")
        run = self.task.runs.get()
        started = {"runId": str(run.pk), "taskId": self.task_id, "status": "in_progress"}
        status = {"taskId": self.task_id, "status": "todo", "workflowStatus": "in_progress"}
        self.assertEqual(
            listener.heard,
            [
                (self.workspace_channel, "stakwork-run-update", started),
                (self.workspace_channel, "workflow-status-update", status),
            ],
        )

    def test_follow_up_questions_when_a_run_completes(self) -> None:
        run = Run.objects.create(task=self.task)
        listener = self.on_task()
        self.act(f"/runs/{run.pk}/finish/", {"outcome": "completed"})
        completed = {"runId": str(run.pk), "taskId": self.task_id, "status": "completed"}
        status = {"taskId": self.task_id, "status": "todo", "workflowStatus": "completed"}
        asked = [question.text for question in self.task.questions.all()]
        self.assertEqual(len(asked), 2)
        self.assertEqual(
            listener.heard,
            [
                (self.task_channel, "stakwork-run-update", completed),
                (self.task_channel, "workflow-status-update", status),
                (
                    self.task_channel,
                    "follow-up-questions",
                    {"taskId": self.task_id, "questions": asked},
                ),
            ],
        )

    def test_a_failed_run_asks_nothing(self) -> None:
        run = Run.objects.create(task=self.task)
        listener = self.on_task()
        self.act(f"/runs/{run.pk}/finish/", {"outcome": "failed"})
        self.assertEqual(
            [event for _, event, _ in listener.heard],
            ["stakwork-run-update", "workflow-status-update"],
        )

    def test_run_decision_and_recommendations_updated(self) -> None:
        run = Run.objects.create(task=self.task, status=Run.Status.COMPLETED)
        listener = self.on_workspace()
        self.act(f"/runs/{run.pk}/decision/", {"decision": "accepted"})
        decided = {"runId": str(run.pk), "taskId": self.task_id, "decision": "accepted"}
        self.assertEqual(
            listener.heard,
            [
                (self.workspace_channel, "stakwork-run-decision", decided),
                (
                    self.workspace_channel,
                    "recommendations-updated",
                    {"workspaceSlug": "acme", "count": 1},
                ),
            ],
        )

    def test_a_rejected_run_recommends_nothing(self) -> None:
        run = Run.objects.create(task=self.task, status=Run.Status.COMPLETED)
        listener = self.on_workspace()
        self.act(f"/runs/{run.pk}/decision/", {"decision": "rejected"})
        self.assertEqual([event for _, event, _ in listener.heard], ["stakwork-run-decision"])

    def test_a_run_is_decided_once(self) -> None:
        run = Run.objects.create(task=self.task, status=Run.Status.COMPLETED, decision="accepted")
        listener = self.on_task()
        response = self.act(f"/runs/{run.pk}/decision/", {"decision": "rejected"}, follow=True)
        self.assertContains(response, "only for one")
        self.assertEqual(listener.heard, [])

    def test_recommendations_updated_when_one_is_dismissed(self) -> None:
        recommendation = Recommendation.objects.create(
            workspace=self.acme, task=self.task, text="Test the filter"
        )
        listener = self.on_workspace()
        self.act(f"/recommendations/{recommendation.pk}/dismiss/")
        self.assertEqual(
            listener.heard,
            [
                (
                    self.workspace_channel,
                    "recommendations-updated",
                    {"workspaceSlug": "acme", "count": 0},
                )
            ],
        )

    def test_highlight_nodes(self) -> None:
        nodes = list(Node.objects.filter(workspace=self.acme, name__in=["Web", "Cart"]))
        ids = [str(node.pk) for node in nodes]
        listener = self.on_workspace()
        self.act(f"{self.page}nodes/", {"nodes": ids})
        self.assertEqual(
            listener.heard,
            [
                (
                    self.workspace_channel,
                    "highlight-nodes",
                    {"taskId": self.task_id, "nodeIds": ids},
                )
            ],
        )

    def test_connection_count_counts_people_not_windows(self) -> None:
        for user in (self.ada, self.ada, self.ben):
            self.listener_for(user).listen(realtime.get_presence_channel_name("acme"))
        listener = self.on_workspace()
        response = self.act("/w/acme/here/count/", follow=True)
        self.assertEqual(
            listener.heard, [(self.workspace_channel, "connection-count", {"count": 2})]
        )
        self.assertContains(response, "The workspace was told: 2 people are here.")

    def test_no_count_when_pusher_does_not_answer(self) -> None:
        with (
            patch.object(get_pusher_server(), "users_info", side_effect=PusherBadStatus("503")),
            self.assertLogs("boards.views.actions", "ERROR"),
        ):
            response = self.act("/w/acme/here/count/")
        self.assertRedirects(response, "/w/acme/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/w/acme/"), "Pusher does not answer.")


class Publishing(BoardsTestCase):
    def test_nothing_is_published_before_the_commit(self) -> None:
        with self.captureOnCommitCallbacks() as waiting:
            self.client.post(f"/tasks/{self.task.pk}/messages/", {"text": "Too early?"})
        self.assertEqual(len(waiting), 1)
        self.assertEqual(self.pusher_mock.published(), [])

    def test_seeding_publishes_nothing(self) -> None:
        # `setUpTestData` has seeded, outside of any test.
        self.assertEqual(self.pusher_mock.published(), [])

    def test_a_failure_to_publish_does_not_lose_the_message(self) -> None:
        with (
            patch.object(get_pusher_server(), "trigger", side_effect=ConnectionError("no route")),
            self.assertLogs("django.test", "ERROR") as logs,
        ):
            response = self.act(f"/tasks/{self.task.pk}/messages/", {"text": "Still here"})
        self.assertEqual(response.status_code, 302)
        self.assertEqual(self.task.messages.get().text, "Still here")
        self.assertIn("Error calling new_message in on_commit() (no route)", logs.output[0])
