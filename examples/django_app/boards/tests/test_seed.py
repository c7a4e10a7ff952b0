"""The demo data can be put in place again and again, and never undoes what a visitor did."""

from io import StringIO

from django.contrib.auth.models import User
from django.core.management import call_command

from boards.models import Digest, Message, Note, Notification, Task
from boards.tests.base import BoardsTestCase


class Seed(BoardsTestCase):
    def test_again(self) -> None:
        self.task.title = "Renamed by a visitor"
        self.task.save()
        Notification.objects.update(read=True)
        before = self.counts()
        out = StringIO()
        call_command("seed_demo", stdout=out)
        self.assertEqual(self.counts(), before)
        self.assertFalse(Notification.objects.unread().exists())
        self.assertIn("Log in as ada, ben, cleo", out.getvalue())

    def counts(self) -> list[int]:
        return [
            User.objects.count(),
            Task.objects.count(),
            Message.objects.count(),
            Note.objects.count(),
            Notification.objects.count(),
            Digest.objects.count(),
        ]

    def test_there_is_something_to_see_everywhere(self) -> None:
        self.assertTrue(all(self.counts()))
        for person in (self.ada, self.ben, self.cleo):
            self.client.force_login(person)
            response = self.client.get("/inbox/")
            self.assertTrue(response.context["unread_count"])
            for notification in response.context["notifications"]:
                page = self.client.get(notification.link)
                anchor = notification.link.partition("#")[2]
                self.assertContains(page, f'id="{anchor}"' if anchor else "<h1>")

    def test_demo_users_have_no_password(self) -> None:
        self.assertFalse(self.ada.has_usable_password())
