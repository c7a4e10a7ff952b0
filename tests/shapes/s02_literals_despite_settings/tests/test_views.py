"""Its own tests, which have never heard of a mock of Pusher but their own."""

# ruff: noqa: PT009 - they are run by unittest, too

import json
from unittest.mock import MagicMock, patch

from django.test import SimpleTestCase

CLIENT = (
    "tests.shapes.s02_literals_despite_settings.backend.views.chat_handlers.pusher_client.trigger"
)


class ChatTests(SimpleTestCase):
    @patch(CLIENT)
    def test_send_message(self, trigger: MagicMock) -> None:
        answer = self.client.post(
            "/s02/chat/ben/send/", json.dumps({"message": "hi"}), content_type="application/json"
        )
        self.assertEqual(answer.status_code, 200)
        trigger.assert_called_once_with("private-chat-ben", "new-message", {"message": "hi"})

    def test_send_message_for_real(self) -> None:
        """Of those that nobody has patched."""
        answer = self.client.post(
            "/s02/chat/ben/send/", json.dumps({"message": "hi"}), content_type="application/json"
        )
        self.assertEqual(answer.json(), {"status": "sent"})

    def test_authentication(self) -> None:
        form = {"channel_name": "test-channel", "socket_id": "1234.5678"}
        answer = self.client.post("/s02/pusher/auth/", form)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("auth", answer.json())
