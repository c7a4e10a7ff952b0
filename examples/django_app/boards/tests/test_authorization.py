"""Who may listen: the application's own view decides, asked by a subscribing client."""

import json
from typing import Any

from compat import pusher_server
from django.test import Client

from boards.realtime import NOTIFICATION, get_presence_channel_name, get_user_channel_name
from boards.tests.base import AUTH_URL, BoardsTestCase

MEMBER_ADDED = "pusher_internal:member_added"
MEMBER_REMOVED = "pusher_internal:member_removed"


class PrivateChannel(BoardsTestCase):
    def test_your_own_is_allowed(self) -> None:
        channel_name = get_user_channel_name(self.ben.pk)
        listener = self.listener_for(self.ben)
        listener.listen(channel_name, NOTIFICATION)
        self.act(f"/tasks/{self.task.pk}/assignee/", {"assignee": self.ben.pk})
        self.assertEqual(len(listener.heard), 1)

    def test_somebody_elses_is_refused(self) -> None:
        listener = self.listener_for(self.ada)
        with self.assertRaises(AssertionError):  # what pysher makes of a 403
            listener.listen(get_user_channel_name(self.ben.pk), NOTIFICATION)
        self.act(f"/tasks/{self.task.pk}/assignee/", {"assignee": self.ben.pk})
        self.assertEqual(listener.heard, [])

    def test_nobody_is_logged_in(self) -> None:
        listener = self.listener_for(None)
        with self.assertRaises(AssertionError):
            listener.listen(get_user_channel_name(self.ben.pk), NOTIFICATION)

    def test_the_view_signs_nothing_it_does_not_know(self) -> None:
        for channel_name, status in {
            get_user_channel_name(self.ada.pk): 200,
            get_user_channel_name(self.ben.pk): 403,
            f"{get_user_channel_name(self.ada.pk)}0": 403,
            "presence-workspace-acme": 200,
            "presence-workspace-nowhere": 403,
            "presence-workspace-": 403,
            "presence-acme": 403,
            f"private-encrypted-user-{self.ada.pk}": 403,
            "private-encrypted-workspace-acme": 200,
            "private-encrypted-workspace-nowhere": 403,
            "private-encrypted-workspace-": 403,
            "private-workspace-acme": 403,
            "acme": 403,
            "task-1": 403,
            "#server-to-user-1": 403,
            "": 400,
        }.items():
            with self.subTest(channel_name):
                data = {"socket_id": "1.2", "channel_name": channel_name}
                self.assertEqual(self.client.post(AUTH_URL, data).status_code, status)

    def test_a_malformed_socket_id_is_not_signed(self) -> None:
        channel_name = get_user_channel_name(self.ada.pk)
        for socket_id in ("", "12", "1.2:private-user-7", "1.2\n", "\u0661.\u0662"):
            with self.subTest(socket_id):
                data = {"socket_id": socket_id, "channel_name": channel_name}
                self.assertEqual(self.client.post(AUTH_URL, data).status_code, 400)

    def test_a_forged_request_is_refused(self) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(self.ada)
        data = {"socket_id": "1.2", "channel_name": get_user_channel_name(self.ada.pk)}
        self.assertEqual(browser.post(AUTH_URL, data).status_code, 403)


class PresenceChannel(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.room = get_presence_channel_name("acme")

    def test_members_come_and_go(self) -> None:
        ada = self.listener_for(self.ada)
        ada.listen(self.room, MEMBER_ADDED, MEMBER_REMOVED)
        ben = self.listener_for(self.ben)
        ben.listen(self.room)
        again = self.listener_for(self.ben)  # a second window of the same person
        again.listen(self.room)
        ada_id, ben_id = str(self.ada.pk), str(self.ben.pk)
        self.assertEqual(self.who_is_here(), {ada_id, ben_id})
        ben.client.disconnect()
        again.client.disconnect()
        self.assertEqual(self.who_is_here(), {ada_id})
        self.assertEqual(
            [(event, data) for _, event, data in ada.heard],
            [
                (MEMBER_ADDED, {"user_id": ben_id, "user_info": {"name": "Ben Okafor"}}),
                (MEMBER_REMOVED, {"user_id": ben_id}),
            ],
        )

    def who_is_here(self) -> set[str]:
        return {user["id"] for user in pusher_server.users_info(self.room)["users"]}

    def test_workspace_members_only(self) -> None:
        with self.assertRaises(AssertionError):
            self.listener_for(self.cleo).listen(self.room)

    def test_a_client_cannot_choose_who_it_is(self) -> None:
        """What the view signs is the logged-in user, whatever the client claims."""
        page = self.listener_for(self.ada)
        page.client.user_data = {"user_id": str(self.ben.pk), "user_info": {"name": "Ben Okafor"}}
        errors: list[Any] = []
        page.client.connection.bind("pusher:error", errors.append)
        with self.assertLogs():  # the mock explains what is wrong with the signature
            page.listen(self.room)
        self.assertEqual(self.who_is_here(), set())
        self.assertIn("Invalid signature", errors[0]["message"])


class SignIn(BoardsTestCase):
    def test_signed_in_user_receives_what_is_sent_to_the_user(self) -> None:
        page = self.listener_for(self.ben)
        browser = Client()
        browser.force_login(self.ben)
        signed = browser.post(
            "/pusher/user-auth", {"socket_id": page.client.connection.socket_id}
        ).json()
        welcome: list[str] = []
        page.client.connection.bind("pusher:signin_success", welcome.append)
        page.client.connection.send_event("pusher:signin", signed)
        self.assertEqual(
            json.loads(json.loads(welcome[0])["user_data"]),
            {"id": str(self.ben.pk), "user_info": {"name": "Ben Okafor"}},
        )
        page.listen(f"#server-to-user-{self.ben.pk}", "hello")
        self.pusher_mock.server().send_to_user(str(self.ben.pk), "hello", {"to": "you"})
        self.assertEqual(page.heard, [(f"#server-to-user-{self.ben.pk}", "hello", {"to": "you"})])

    def test_refusals(self) -> None:
        self.assertEqual(self.client.post("/pusher/user-auth", {}).status_code, 400)
        self.assertEqual(self.client.get("/pusher/user-auth").status_code, 405)
        self.client.logout()
        response = self.client.post("/pusher/user-auth", {"socket_id": "1.2"})
        self.assertEqual(response.status_code, 403)
