"""The inbox: told by id on one's own private channel, and a number that every tab shows."""

import json
from typing import Any

from django.db import transaction
from django.test import Client

from boards import services
from boards.models import Notification
from boards.realtime import NOTIFICATION, NOTIFICATIONS_READ, get_user_channel_name
from boards.tests.base import BoardsTestCase, Listener


class InboxTestCase(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        Notification.objects.all().delete()  # the demo's
        self.channel_name = get_user_channel_name(self.ben.pk)
        self.bens_browser = Client()
        self.bens_browser.force_login(self.ben)

    def bens_tab(self) -> Listener:
        tab = self.listener_for(self.ben)
        tab.listen(self.channel_name, NOTIFICATION, NOTIFICATIONS_READ)
        return tab

    def mention_ben(self) -> Notification:
        self.act(f"/tasks/{self.task.pk}/messages/", {"text": "Can you look, @ben?"})
        return Notification.objects.filter(recipient=self.ben)[0]

    def assign_ben(self) -> None:
        self.act(f"/tasks/{self.task.pk}/assignee/", {"assignee": self.ben.pk})


class Told(InboxTestCase):
    def test_a_mention_reaches_the_member_who_is_named(self) -> None:
        tab = self.bens_tab()
        notification = self.mention_ben()
        message = self.task.messages.get()
        self.assertEqual(notification.kind, "mention")
        self.assertEqual(notification.text, f"Ada Moreno mentioned you in “{self.task.title}”")
        self.assertEqual(notification.link, f"/tasks/{self.task.pk}/#message-{message.pk}")
        self.assertEqual(
            tab.heard,
            [(self.channel_name, NOTIFICATION, {"notificationId": str(notification.pk)})],
        )

    def test_an_assignment_reaches_the_assignee(self) -> None:
        tab = self.bens_tab()
        self.assign_ben()
        self.act("/w/acme/tasks/", {"title": "Round before the sum", "assignee": self.ben.pk})
        second, first = Notification.objects.filter(recipient=self.ben)
        self.assertEqual(first.text, f"Ada Moreno assigned “{self.task.title}” to you")
        self.assertEqual(second.text, "Ada Moreno assigned “Round before the sum” to you")
        self.assertEqual(
            [data for _, _, data in tab.heard],
            [{"notificationId": str(first.pk)}, {"notificationId": str(second.pk)}],
        )

    def test_nobody_else_is_told(self) -> None:
        """Not the author, not a user outside the workspace, not half of an e-mail address."""
        self.act(f"/tasks/{self.task.pk}/messages/", {"text": "@ada @cleo and x@ben"})
        self.act(f"/tasks/{self.task.pk}/assignee/", {"assignee": self.ada.pk})
        self.assertFalse(Notification.objects.exists())
        self.assertEqual(self.pusher_mock.published(event=NOTIFICATION), [])

    def test_nobody_outside_the_workspace_can_be_assigned(self) -> None:
        response = self.act(
            f"/tasks/{self.task.pk}/assignee/", {"assignee": self.cleo.pk}, follow=True
        )
        self.assertContains(response, "Select a valid choice")
        self.assertFalse(Notification.objects.exists())

    def test_nobody_else_can_listen(self) -> None:
        stranger = self.listener_for(self.ada)
        with self.assertRaises(AssertionError):  # what pysher makes of the view's 403
            stranger.listen(self.channel_name, NOTIFICATION)
        self.mention_ben()
        self.assertEqual(stranger.heard, [])

    def test_a_rolled_back_transaction_tells_nothing(self) -> None:
        tab = self.bens_tab()
        with (
            self.captureOnCommitCallbacks(execute=True),
            self.assertRaisesMessage(RuntimeError, "changed my mind"),
            transaction.atomic(),
        ):
            services.post_message(self.task, self.ada, "Can you look, @ben?")
            services.assign(self.task, self.ben, by=self.ada)
            raise RuntimeError("changed my mind")
        self.assertFalse(Notification.objects.exists())
        self.assertEqual(tab.heard, [])
        self.pusher_mock.assert_not_triggered()


class Fetched(InboxTestCase):
    def test_round_trip(self) -> None:
        shown: list[Any] = []

        def fetch(data: str) -> None:
            url = f"/api/notifications/{json.loads(data)['notificationId']}/"
            shown.append(self.bens_browser.get(url).json())

        page = self.listener_for(self.ben).client
        page.subscribe(self.channel_name).bind(NOTIFICATION, fetch)
        notification = self.mention_ben()
        self.assertEqual(
            shown,
            [
                {
                    "id": str(notification.pk),
                    "kind": "mention",
                    "text": notification.text,
                    "link": notification.link,
                    "read": False,
                    "created": notification.created.isoformat(),
                    "unreadCount": 1,
                }
            ],
        )

    def test_by_its_recipient_only(self) -> None:
        url = f"/api/notifications/{self.mention_ben().pk}/"
        self.assertEqual(self.client.get(url).status_code, 404)
        self.client.logout()
        self.assertEqual(self.client.get(url).status_code, 401)


class Read(InboxTestCase):
    def act_as_ben(self, path: str, **data: str) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.bens_browser.post(path, data)

    def count_in_header(self) -> int:
        response = self.bens_browser.get("/")
        count: int = response.context["unread_count"]
        if count:
            self.assertContains(response, f'title="{count} unread"')
        else:
            self.assertNotContains(response, ' unread"')
            self.assertContains(response, " hidden>0</span>")
        return count

    def test_the_count_falls_in_another_tab(self) -> None:
        first = self.mention_ben()
        self.assign_ben()
        self.assertEqual(self.count_in_header(), 2)
        tab = self.bens_tab()
        response = self.act_as_ben(f"/inbox/{first.pk}/read/")
        self.assertRedirects(response, "/inbox/", fetch_redirect_response=False)
        self.assertEqual(self.count_in_header(), 1)
        self.act_as_ben("/inbox/read/")
        self.assertEqual(self.count_in_header(), 0)
        self.assertEqual(
            tab.heard,
            [
                (self.channel_name, NOTIFICATIONS_READ, {"unreadCount": 1}),
                (self.channel_name, NOTIFICATIONS_READ, {"unreadCount": 0}),
            ],
        )

    def test_opening_one_goes_where_it_leads(self) -> None:
        notification = self.mention_ben()
        response = self.act_as_ben(f"/inbox/{notification.pk}/read/", open="")
        self.assertRedirects(response, notification.link, fetch_redirect_response=False)
        self.assertEqual(self.count_in_header(), 0)

    def test_what_is_read_is_no_news(self) -> None:
        notification = self.mention_ben()
        self.act_as_ben("/inbox/read/")
        tab = self.bens_tab()
        self.act_as_ben(f"/inbox/{notification.pk}/read/")
        self.act_as_ben("/inbox/read/")
        self.assertEqual(tab.heard, [])

    def test_nobody_reads_for_somebody_else(self) -> None:
        notification = self.mention_ben()
        response = self.act(f"/inbox/{notification.pk}/read/")
        self.assertEqual(response.status_code, 404)
        self.act("/inbox/read/")
        self.assertEqual(self.count_in_header(), 1)

    def test_the_inbox_shows_ones_own_and_escaped(self) -> None:
        self.task.title = "<b>bold</b>"
        self.task.save()
        self.mention_ben()
        self.assertContains(self.client.get("/inbox/"), "Nothing yet.")
        response = self.bens_browser.get("/inbox/")
        self.assertContains(response, "mentioned you in “&lt;b&gt;bold&lt;/b&gt;”")
