"""Who is here: the people whose browsers are subscribed, as Pusher tells the page."""

from unittest.mock import patch

from compat import get_pusher_server, override
from pusher.errors import PusherBadStatus

from boards.realtime import get_presence_channel_name
from boards.tests.base import BoardsTestCase
from boards.tests.test_modes import SERVER
from boards.tests.test_pages import REAL

ADA, BEN = "Ada Moreno", "Ben Okafor"


class WhoIsHere(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.room = get_presence_channel_name("acme")

    def here(self) -> list[str]:
        """The names on the page, which its fragment repeats."""
        page, fragment = self.client.get("/w/acme/"), self.client.get("/w/acme/here/")
        self.assertEqual(page.context["here"], fragment.context["here"])
        names = [person.get_full_name() for person in fragment.context["here"]]
        for name in names:
            self.assertContains(fragment, f"<span>{name}</span>", html=True)
        return names

    def test_two_members_and_a_stranger(self) -> None:
        self.assertEqual(self.here(), [])
        self.listener_for(self.ben).listen(self.room)
        self.assertEqual(self.here(), [BEN])
        self.listener_for(self.ada).listen(self.room)
        self.assertEqual(self.here(), [ADA, BEN])
        with self.assertRaises(AssertionError):  # what pysher makes of the view's 403
            self.listener_for(self.cleo).listen(self.room)
        self.assertEqual(self.here(), [ADA, BEN])

    def test_a_second_tab_is_the_same_person(self) -> None:
        first, second = self.listener_for(self.ben), self.listener_for(self.ben)
        first.listen(self.room)
        second.listen(self.room)
        self.assertEqual(self.here(), [BEN])
        first.client.disconnect()
        self.assertEqual(self.here(), [BEN])
        second.client.unsubscribe(self.room)
        self.assertEqual(self.here(), [])

    def test_another_workspace_is_another_room(self) -> None:
        self.listener_for(self.cleo).listen(get_presence_channel_name("orbit"))
        self.assertEqual(self.here(), [])
        self.assertContains(self.client.get("/w/orbit/here/"), "Cleo Lindqvist")

    def test_the_page_is_there_without_pusher(self) -> None:
        for failure in (PusherBadStatus("503"), ConnectionError("no route")):
            with (
                patch.object(get_pusher_server(), "users_info", side_effect=failure),
                self.assertLogs("boards.views.pages", "ERROR"),
            ):
                response = self.client.get("/w/acme/")
            self.assertContains(response, "Pusher does not answer.")
            self.assertContains(response, self.task.title)


class StandIns(BoardsTestCase):
    url = "/w/acme/here/stand-in/"

    def test_a_click_stands_in_for_a_browser(self) -> None:
        for _ in range(2):  # coming twice is coming once
            response = self.act(self.url, {"username": "ben", "come": ""}, follow=True)
        self.assertEqual(response.context["here"], [self.ben])
        response = self.act(self.url, {"username": "ben", "leave": ""}, follow=True)
        self.assertEqual(response.context["here"], [])
        self.act(self.url, {"username": "ben", "leave": ""})

    def test_it_cannot_send_a_real_subscriber_away(self) -> None:
        self.listener_for(self.ben).listen(get_presence_channel_name("acme"))
        response = self.act(self.url, {"username": "ben", "leave": ""}, follow=True)
        self.assertEqual(response.context["here"], [self.ben])

    def test_it_ends_with_the_mock(self) -> None:
        self.act(self.url, {"username": "ben", "come": ""})
        self.pusher_mock.reset()
        self.assertEqual(self.client.get("/w/acme/").context["standing_in"], set())

    def test_members_only(self) -> None:
        for username in ("cleo", ""):
            response = self.act(self.url, {"username": username, "come": ""})
            self.assertEqual(response.status_code, 404)

    def test_not_where_browsers_can_connect(self) -> None:
        for settings in (REAL, SERVER):
            with override(**settings):
                response = self.act(self.url, {"username": "ben", "come": ""})
            self.assertEqual(response.status_code, 404)
