"""The synchronization pattern: saved, published by id, fetched over REST."""

import json
from typing import Any

from django.test import Client

from boards.models import Message
from boards.realtime import NEW_MESSAGE, get_task_channel_name
from boards.tests.base import BoardsTestCase


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
                "taskId": str(self.task.pk),
                "author": "Ada Moreno",
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

    def test_an_empty_message_is_refused(self) -> None:
        response = self.act(f"/api/tasks/{self.task.pk}/messages/", {"text": " "})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.pusher_mock.published(), [])
