"""Server mode: `PUSHER_MOCK_URL` names a local server, which browsers connect to themselves.

Nothing here opens a socket; `tests/scenarios` in the root of the repository has real browsers.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

import pusher
from compat import get_pusher_server, override
from django.test import override_settings
from pusher_mock.remote import RemoteError, RemoteMock

from boards.tests.base import BoardsTestCase
from boards.tests.test_pages import PAGES, REAL, embedded
from boards.tests.test_switch import PROJECT

URL: Final = "http://127.0.0.1:6001"
SERVER: Final[dict[str, Any]] = {"use_mocks": True, "mock_url": URL}

LIVE: Final = "pusher-js/pusher-with-encryption.min.js"


@contextmanager
def server_mode(here: tuple[str, ...] = ()) -> Iterator[None]:
    """With a server that knows who is here."""
    answer = {"users": [{"id": user_id} for user_id in here]}
    with (
        override(**SERVER),
        override_settings(PUSHER_JS_IS_HERE=True),
        patch.object(get_pusher_server(), "users_info", return_value=answer),
    ):
        yield


class Pages(BoardsTestCase):
    def test_in_memory_no_page_is_live(self) -> None:
        with override_settings(PUSHER_JS_IS_HERE=True):
            response = self.client.get("/w/acme/")
        self.assertNotContains(response, LIVE)
        self.assertNotContains(response, 'id="connection"')
        self.assertContains(response, "stays in this process, and pages are not live")
        self.assertContains(response, "Let somebody stand in")

    def test_with_a_server_every_page_is(self) -> None:
        with server_mode(here=(str(self.ben.pk),)):
            self.assertIs(type(get_pusher_server()), pusher.Pusher)
            for url in (*PAGES, f"/tasks/{self.task.pk}/"):
                response = self.client.get(url)
                if url.endswith("/here/"):
                    continue
                self.assertContains(response, f'<script src="/static/{LIVE}" defer></script>')
                self.assertContains(response, 'id="connection"')
                self.assertContains(response, f"<code>{URL}</code>")
                config = embedded(response.content, "pusher-config")
                self.assertEqual((config["wsHost"], config["wsPort"]), ("127.0.0.1", 6001))
                self.assertIn("user", embedded(response.content, "page-channels"))
            response = self.client.get("/w/acme/")
        self.assertEqual(response.context["here"], [self.ben])
        self.assertNotContains(response, "stand in")

    def test_with_pusher_itself_every_page_is(self) -> None:
        with (
            override(**REAL),
            override_settings(PUSHER_JS_IS_HERE=True),
        ):
            response = self.client.get("/inbox/")
        self.assertContains(response, LIVE)
        self.assertNotContains(response, "Mocks are on")

    def test_without_pusher_js_no_page_is_live_and_nothing_fails(self) -> None:
        with server_mode(), override_settings(PUSHER_JS_IS_HERE=False):
            response = self.client.get("/w/acme/")
        self.assertNotContains(response, "pusher-js")
        self.assertContains(response, "not live before <code>npm ci</code>")
        self.assertNotContains(response, 'id="connection"')

    def test_who_is_not_logged_in_connects_to_nothing(self) -> None:
        self.client.logout()
        with server_mode():
            response = self.client.get("/login/")
        self.assertNotContains(response, "<script src")
        self.assertNotContains(response, "main.js")

    def test_a_script_that_fetches_a_part_uses_up_no_message(self) -> None:
        self.act(f"/tasks/{self.task.pk}/title/", {"title": ""})
        page = f"/tasks/{self.task.pk}/"
        fetched = self.client.get(page, headers={"Sec-Fetch-Dest": "empty"})
        self.assertNotContains(fetched, "This field is required")
        seen = self.client.get(page, headers={"Sec-Fetch-Dest": "document"})
        self.assertContains(seen, "This field is required")


class EventsPage(BoardsTestCase):
    def test_the_server_is_asked(self) -> None:
        published = {
            "channel": "workspace-acme",
            "event": "client-typing",
            "data": '{"who": "Gr\\u00fc\\u00dfe"}',
            "time": 1_700_000_000.5,
            "client": True,
        }
        plain = {**published, "data": "no <b>JSON</b>", "client": False}
        with (
            server_mode(),
            patch.object(RemoteMock, "events", return_value=[published, plain]) as events,
        ):
            response = self.client.get("/events/?channel=workspace-acme")
        events.assert_called_once_with("workspace-acme", 100)
        self.assertContains(response, URL)
        self.assertContains(response, "Grüße")
        self.assertContains(response, "by a browser", count=1)
        self.assertContains(response, "no &lt;b&gt;JSON&lt;/b&gt;")
        self.assertContains(response, "22:13:20")

    def test_a_server_that_is_away_is_a_sentence(self) -> None:
        error = RemoteError("no server answers at " + URL)
        with server_mode(), patch.object(RemoteMock, "events", side_effect=error):
            response = self.client.get("/events/")
        self.assertContains(response, f"no server answers at {URL}")


class Worker(BoardsTestCase):
    """Where a digest is written."""

    def test_at_once_unless_a_worker_can_be_heard(self) -> None:
        broker = {"CELERY_BROKER_URL": "amqp://elsewhere"}
        server = {"USE_MOCKS": "true", "PUSHER_MOCK_URL": URL}
        production = {
            "USE_MOCKS": "false",
            "PUSHER_APP_ID": "123",
            "PUSHER_KEY": "k",
            "PUSHER_SECRET": "s",
        }
        for environment, expected in (
            ({"USE_MOCKS": "true"}, "True amqp://localhost"),
            ({"USE_MOCKS": "true", **broker}, "True amqp://elsewhere"),
            (server, "True amqp://localhost"),
            ({**server, **broker}, "False amqp://elsewhere"),
            (production, "False amqp://localhost"),
        ):
            with self.subTest(environment):
                self.assertEqual(self.settings_with(environment), expected)

    def settings_with(self, environment: dict[str, str]) -> str:
        program = (
            "from config import settings;"
            "print(settings.CELERY_TASK_ALWAYS_EAGER, settings.CELERY_BROKER_URL)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env={"PATH": os.environ.get("PATH", ""), **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()
