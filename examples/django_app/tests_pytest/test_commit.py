"""Transactions that are really committed and really rolled back."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pusher_mock import PusherMock

from boards import services
from boards.demo import seed
from boards.models import Digest, Note, Notification, Task, Workspace
from boards.realtime import get_notes_channel_name, get_user_channel_name

pytestmark = pytest.mark.django_db(transaction=True)


def everything_at_once() -> None:
    """A mention, a note and a digest, in one transaction of the caller."""
    ada = User.objects.get(username="ada")
    acme = Workspace.objects.get(slug="acme")
    services.post_message(Task.objects.filter(workspace=acme)[0], ada, "Look at this, @ben.")
    services.add_note(acme, ada, "Between us.")
    services.request_digest(acme, ada)


def test_published_at_the_commit_and_not_before(pusher_mock: PusherMock) -> None:
    seed()
    with transaction.atomic():
        everything_at_once()
        pusher_mock.assert_not_triggered()
    ben = User.objects.get(username="ben")
    pusher_mock.assert_triggered(get_user_channel_name(ben.pk), "notification", times=1)
    pusher_mock.assert_triggered(get_notes_channel_name("acme"), "note-added", times=1)
    pusher_mock.assert_triggered("workspace-acme", "digest-ready", times=1)


def test_a_rollback_publishes_nothing(pusher_mock: PusherMock) -> None:
    seed()
    models = (Notification, Note, Digest)
    before = [model.objects.count() for model in models]
    with transaction.atomic():
        everything_at_once()
        transaction.set_rollback(True)
    assert [model.objects.count() for model in models] == before
    pusher_mock.assert_not_triggered()
