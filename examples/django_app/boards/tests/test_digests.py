"""A digest: written by a worker, which tells the workspace how far it is."""

from typing import Any
from unittest.mock import patch

from django.db import transaction

from boards import digests, services
from boards.models import Digest, Task
from boards.realtime import DIGEST_PROGRESS, DIGEST_READY, get_workspace_channel_name
from boards.tasks import write_digest
from boards.tests.base import BoardsTestCase, Listener


class Digests(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.channel_name = get_workspace_channel_name("acme")

    def workspace(self) -> Listener:
        return self.listener(self.channel_name, DIGEST_PROGRESS, DIGEST_READY)

    def request(self) -> Any:
        """Ask for one, let the worker write it, then look."""
        response = self.act("/w/acme/digests/")
        digest = self.acme.digests.all()[0]
        self.assertRedirects(response, f"/digests/{digest.pk}/", fetch_redirect_response=False)
        return self.client.get(response.url)

    def test_progress_then_result(self) -> None:
        listener = self.workspace()
        self.request()
        digest = self.acme.digests.all()[0]
        self.assertEqual(
            [(event, data) for _, event, data in listener.heard],
            [
                *(
                    (DIGEST_PROGRESS, {"digestId": str(digest.pk), "done": done, "total": 3})
                    for done in (1, 2, 3)
                ),
                (DIGEST_READY, {"digestId": str(digest.pk)}),
            ],
        )
        self.assertEqual(digest.status, Digest.Status.READY)
        self.assertEqual(digest.requested_by, self.ada)

    def test_what_it_says(self) -> None:
        Task.objects.filter(pk=self.task.pk).update(workflow_status=Task.WorkflowStatus.FAILED)
        response = self.request()
        for line in (
            "Let customers pay with a saved card: in progress, Ben Okafor; 3 messages",
            "Search forgets the chosen filter: to do, nobody; run failed",
            "Send the receipt as plain text too: done, Ada Moreno; 1 message",
        ):
            self.assertContains(response, f"<li>{line}</li>", html=True)

    def test_it_says_nothing_on_the_public_channel(self) -> None:
        self.request()
        for event in self.pusher_mock.published():
            self.assertNotIn("saved card", event.raw)

    def test_a_large_workspace_is_not_a_flood(self) -> None:
        self.acme.tasks.all().delete()
        Task.objects.bulk_create(Task(workspace=self.acme, title=f"No. {n}") for n in range(25))
        self.request()
        progress = self.pusher_mock.published(event=DIGEST_PROGRESS)
        self.assertLessEqual(len(progress), digests.STEPS)
        self.assertEqual([event.data["done"] for event in progress][-2:], [24, 25])

    def test_an_empty_workspace(self) -> None:
        self.acme.tasks.all().delete()
        self.assertContains(self.request(), "There are no tasks.")
        self.assertEqual([event.event for event in self.pusher_mock.published()], [DIGEST_READY])

    def test_nothing_starts_before_the_commit(self) -> None:
        with self.captureOnCommitCallbacks() as waiting:
            self.client.post("/w/acme/digests/")
        self.assertEqual(len(waiting), 1)
        self.pusher_mock.assert_not_triggered()
        page = self.client.get(self.acme.digests.all()[0].get_absolute_url())
        self.assertContains(page, "Waiting for a worker")
        self.assertContains(page, 'http-equiv="refresh"')

    def test_a_rolled_back_transaction_starts_nothing(self) -> None:
        with (
            self.captureOnCommitCallbacks(execute=True),
            self.assertRaisesMessage(RuntimeError, "changed my mind"),
            transaction.atomic(),
        ):
            services.request_digest(self.acme, self.ada)
            raise RuntimeError("changed my mind")
        self.pusher_mock.assert_not_triggered()

    def test_a_broker_that_is_away_is_no_error_page(self) -> None:
        with (
            patch.object(write_digest, "delay", side_effect=ConnectionError("no broker")),
            self.assertLogs("django.test", "ERROR") as logs,
        ):
            response = self.request()
        self.assertContains(response, "Waiting for a worker")
        self.assertIn("Error calling _start_writing in on_commit() (no broker)", logs.output[0])
