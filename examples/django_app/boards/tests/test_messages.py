"""The synchronization pattern: saved, published by id, fetched over REST."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from boards.models import Message
from boards.realtime import (
    NEW_MESSAGE,
    NOTIFICATION,
    get_task_channel_name,
    get_user_channel_name,
)
from boards.tests.base import BoardsTestCase
from boards.views.api import PAGE_SIZE


class IdOnly(BoardsTestCase):
    def test_round_trip(self) -> None:
        bens_browser = Client()
        bens_browser.force_login(self.ben)
        shown: list[dict[str, Any]] = []

        def fetch(data: str) -> None:
            response = bens_browser.get(f"/api/messages/{json.loads(data)['messageId']}/")
            shown.append(response.json())

        page = self.listener_for(self.ben).client
        page.subscribe(get_task_channel_name(self.task.pk)).bind(NEW_MESSAGE, fetch)

        long_text = "Found it. " * 2000  # more than an event may carry
        self.act(f"/tasks/{self.task.pk}/messages/", {"text": long_text})

        message = self.task.messages.get()
        self.assertEqual(len(shown), 1)
        self.assertEqual(
            shown[0],
            {
                "id": str(message.pk),
                "clientId": None,
                "taskId": str(self.task.pk),
                "author": "Ada Moreno",
                "authorId": str(self.ada.pk),
                "text": long_text.strip(),
                "created": message.created.isoformat(),
            },
        )

    def test_the_text_never_goes_through_pusher(self) -> None:
        self.act(f"/tasks/{self.task.pk}/messages/", {"text": "between us"})
        for event in self.pusher_mock.published():
            self.assertNotIn("between us", event.raw)

    def test_only_members_fetch_a_message(self) -> None:
        message = Message.objects.create(task=self.task, author=self.ada, text="between us")
        url = f"/api/messages/{message.pk}/"
        self.assertEqual(self.client.get(url).status_code, 200)
        self.client.force_login(self.cleo)
        self.assertEqual(self.client.get(url).status_code, 404)
        self.client.logout()
        self.assertEqual(self.client.get(url).status_code, 401)


class PostedByALivePage(BoardsTestCase):
    def post(self, socket_id: str) -> Any:
        return self.act(
            f"/api/tasks/{self.task.pk}/messages/",
            {"text": "Hello"},
            headers={"X-Socket-ID": socket_id},
        )

    def test_the_sender_does_not_hear_itself(self) -> None:
        channel_name = get_task_channel_name(self.task.pk)
        sender = self.listener(channel_name, NEW_MESSAGE)
        reader = self.listener(channel_name, NEW_MESSAGE)
        response = self.post(sender.client.connection.socket_id)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(sender.heard, [])
        message = {"messageId": str(self.task.messages.get().pk)}
        self.assertEqual(reader.heard, [(channel_name, NEW_MESSAGE, message)])

    def test_a_malformed_socket_id_is_refused_before_anything_is_saved(self) -> None:
        self.assertEqual(self.post("abc").status_code, 400)
        self.assertFalse(self.task.messages.exists())

    def test_sent_again_it_is_the_same_message(self) -> None:
        """A page that heard no answer cannot know whether the message was saved."""
        url, data = f"/api/tasks/{self.task.pk}/messages/", {"text": "@ben", "clientId": uuid4()}
        first, again = self.act(url, data), self.act(url, data)
        self.assertEqual(first.json(), again.json())
        self.assertEqual(first.json()["clientId"], str(data["clientId"]))
        self.assertEqual(self.task.messages.count(), 1)
        for channel_name, event in (
            (get_task_channel_name(self.task.pk), NEW_MESSAGE),
            (get_user_channel_name(self.ben.pk), NOTIFICATION),
        ):
            self.pusher_mock.assert_triggered(channel_name, event, times=1)

    def test_the_name_is_the_authors_own(self) -> None:
        url, data = f"/api/tasks/{self.task.pk}/messages/", {"text": "Mine", "clientId": uuid4()}
        self.act(url, data)
        self.client.force_login(self.ben)
        self.act(url, data)
        self.assertEqual([m.author for m in self.task.messages.all()], [self.ada, self.ben])

    def test_a_malformed_name_is_refused(self) -> None:
        url = f"/api/tasks/{self.task.pk}/messages/"
        response = self.act(url, {"text": "Hello", "clientId": "mine"})
        self.assertEqual(response.status_code, 400)
        self.assertIn("clientId", response.json()["error"])
        self.assertFalse(self.task.messages.exists())

    def test_an_empty_message_is_refused(self) -> None:
        response = self.act(f"/api/tasks/{self.task.pk}/messages/", {"text": " "})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.pusher_mock.published(), [])


class CaughtUp(BoardsTestCase):
    """What a page asks for when it was not connected."""

    def setUp(self) -> None:
        super().setUp()
        self.url = f"/api/tasks/{self.task.pk}/messages/"

    def write(self, count: int) -> list[Message]:
        return [
            Message.objects.create(task=self.task, author=self.ben, text=f"No. {number}")
            for number in range(count)
        ]

    def ask(self, after: str | int) -> Any:
        return self.client.get(self.url, {"after": after})

    def test_what_is_newer_in_order(self) -> None:
        first, second, third = self.write(3)
        elsewhere = self.acme.tasks.exclude(pk=self.task.pk)[0]
        Message.objects.create(task=elsewhere, author=self.ben, text="Not this task")
        answer = self.ask(first.pk).json()
        self.assertEqual([m["id"] for m in answer["messages"]], [str(second.pk), str(third.pk)])
        self.assertEqual(
            answer["messages"][0], self.client.get(f"/api/messages/{second.pk}/").json()
        )
        self.assertIs(answer["more"], False)
        self.assertEqual(len(self.client.get(self.url).json()["messages"]), 3)
        self.assertEqual(self.ask(third.pk).json(), {"messages": [], "more": False})
        self.assertEqual(self.ask(2**70).json(), {"messages": [], "more": False})

    def test_a_long_absence_comes_in_pages(self) -> None:
        written = self.write(PAGE_SIZE + 1)
        answer = self.ask(0).json()
        self.assertEqual(len(answer["messages"]), PAGE_SIZE)
        self.assertIs(answer["more"], True)
        answer = self.ask(answer["messages"][-1]["id"]).json()
        self.assertEqual([m["id"] for m in answer["messages"]], [str(written[-1].pk)])
        self.assertIs(answer["more"], False)

    def test_members_only(self) -> None:
        self.write(1)
        self.client.force_login(self.cleo)
        self.assertEqual(self.ask(0).status_code, 404)
        self.assertEqual(self.client.post(self.url, {"text": "Hello"}).status_code, 404)
        self.client.logout()
        for response in (self.ask(0), self.client.post(self.url, {"text": "Hello"})):
            self.assertEqual(response.status_code, 401)

    def test_a_malformed_id_is_refused(self) -> None:
        for after in ("x", "-1", "1.5"):
            self.assertEqual(self.ask(after).status_code, 400)
        self.assertEqual(self.client.delete(self.url).status_code, 405)
