"""What the tests share: the demo data, and a subscriber that writes down what it hears."""

import json
from typing import Any

import pysher
from compat import get_pusher_client
from django.contrib.auth.models import User
from django.test import Client, TestCase
from pusher_mock import PusherMockMixin
from pusher_mock.testing import django_poster

from boards.demo import seed
from boards.models import Task, Workspace
from boards.realtime import presence_member
from boards.tests import mocked

AUTH_URL = "/pusher/auth"


class Listener:
    """A connected subscriber; callbacks get raw strings, as with pysher, and are decoded here."""

    def __init__(self, client: pysher.Pusher) -> None:
        self.client = client
        self.heard: list[tuple[str, str, Any]] = []

    def listen(self, channel_name: str, *event_names: str) -> None:
        channel = self.client.subscribe(channel_name)
        for event_name in event_names:
            channel.bind(event_name, self._write_down, channel_name, event_name)

    def _write_down(self, data: str, channel_name: str, event_name: str) -> None:
        self.heard.append((channel_name, event_name, json.loads(data)))


class BoardsTestCase(PusherMockMixin, TestCase):
    """Ada and Ben are in Acme, Ada and Cleo in Orbit. Every test has a mock of its own."""

    ada: User
    ben: User
    cleo: User
    acme: Workspace
    task: Task

    @classmethod
    def setUpTestData(cls) -> None:
        seed()
        cls.ada, cls.ben, cls.cleo = User.objects.filter(
            username__in=["ada", "ben", "cleo"]
        ).order_by("username")
        cls.acme = Workspace.objects.get(slug="acme")
        cls.task = cls.acme.tasks.get(title="Search forgets the chosen filter")

    def setUp(self) -> None:
        self.enterContext(mocked())
        super().setUp()
        self.client.force_login(self.ada)

    def listener(self, channel_name: str, *event_names: str) -> Listener:
        """Somebody who listens on a public channel."""
        listener = Listener(self.pusher_mock.client())
        listener.client.connect()
        listener.listen(channel_name, *event_names)
        return listener

    def listener_for(self, user: User | None) -> Listener:
        """A user's page: its subscriptions are authorized by this application's own view.

        pysher sends its own `user_data` to presence channels. It must be, to the byte, what the
        view signs.
        """
        browser = Client()
        if user is not None:
            browser.force_login(user)
        client = get_pusher_client(
            connect=True,
            auth_endpoint=AUTH_URL,
            user_data=presence_member(user) if user is not None else None,
            poster=django_poster(browser),
        )
        return Listener(client)

    def act(self, path: str, data: dict[str, Any] | None = None, **extra: Any) -> Any:
        """Post as the logged-in user, and run what waits for the commit.

        A test case never commits: without this, nothing would be published.
        """
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, data or {}, **extra)
