"""Pusher tells who came and went; the workspace hears how many are left."""

from typing import Any, ClassVar

from pusher_mock import App, Webhook

from boards.realtime import (
    CONNECTION_COUNT,
    get_presence_channel_name,
    get_workspace_channel_name,
)
from boards.tests.base import BoardsTestCase


class ComingAndGoing(BoardsTestCase):
    # The mock's usual app, with a webhook as one would set it in Pusher's dashboard.
    pusher_mock_options: ClassVar[dict[str, Any]] = {
        "apps": [
            App(
                id="mock-app-id",
                key="mock-pusher-key",
                secret="mock-pusher-secret",
                webhooks=(Webhook("https://boards.example/pusher/webhook"),),
            )
        ]
    }

    def setUp(self) -> None:
        super().setUp()
        self.delivered = 0

    def deliver(self, appended: bytes = b"") -> list[int]:
        """Carry the webhooks that are due to the view; returns its answers."""
        due = self.pusher_mock.webhooks()[self.delivered :]
        self.delivered += len(due)
        return [
            self.client.post(
                "/pusher/webhook",
                webhook.body + appended,
                content_type="application/json",
                headers={"X-Pusher-Key": webhook.key, "X-Pusher-Signature": webhook.signature},
            ).status_code
            for webhook in due
        ]

    def test_the_workspace_hears_the_count(self) -> None:
        channel_name = get_workspace_channel_name("acme")
        listener = self.listener(channel_name, CONNECTION_COUNT)
        page = self.listener_for(self.ben)
        page.listen(get_presence_channel_name("acme"))
        self.assertEqual(set(self.deliver()), {200})
        page.client.disconnect()
        self.assertEqual(self.deliver(), [])  # Pusher waits whether he comes back
        self.pusher_mock.clock.advance(3000)
        self.assertEqual(set(self.deliver()), {200})
        self.assertEqual(
            listener.heard,
            [
                (channel_name, CONNECTION_COUNT, {"count": 1}),
                (channel_name, CONNECTION_COUNT, {"count": 0}),
            ],
        )

    def test_a_second_tab_of_the_same_person_is_no_news(self) -> None:
        room, channel_name = get_presence_channel_name("acme"), get_workspace_channel_name("acme")
        listener = self.listener(channel_name, CONNECTION_COUNT)
        first, second = self.listener_for(self.ben), self.listener_for(self.ben)
        first.listen(room)
        self.deliver()
        second.listen(room)
        first.client.disconnect()
        self.pusher_mock.clock.advance(3000)
        self.assertEqual(self.deliver(), [])
        second.client.disconnect()
        self.pusher_mock.clock.advance(3000)
        self.deliver()
        self.assertEqual([data["count"] for _, _, data in listener.heard], [1, 0])

    def test_a_changed_body_changes_nothing(self) -> None:
        self.listener_for(self.ben).listen(get_presence_channel_name("acme"))
        self.assertEqual(set(self.deliver(appended=b" ")), {401})
        self.pusher_mock.assert_not_triggered()
