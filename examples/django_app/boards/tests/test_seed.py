"""The demo data can be put in place again and again, and never undoes what a visitor did."""

from io import StringIO

from django.contrib.auth.models import User
from django.core.management import call_command

from boards.models import Message, Task
from boards.tests.base import BoardsTestCase


class Seed(BoardsTestCase):
    def test_again(self) -> None:
        self.task.title = "Renamed by a visitor"
        self.task.save()
        before = (User.objects.count(), Task.objects.count(), Message.objects.count())
        out = StringIO()
        call_command("seed_demo", stdout=out)
        after = (User.objects.count(), Task.objects.count(), Message.objects.count())
        self.assertEqual(before, after)
        self.assertIn("Log in as ada, ben, cleo", out.getvalue())

    def test_demo_users_have_no_password(self) -> None:
        self.assertFalse(self.ada.has_usable_password())
