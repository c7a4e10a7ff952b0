"""The switch: the same import, the real SDK behind it. Nothing here opens a socket."""

import subprocess
import sys
from pathlib import Path

import pusher
from compat import get_pusher_server, is_mocked, override
from pusher_mock import MockPusherServer

from boards.realtime import get_user_channel_name
from boards.tests.base import AUTH_URL, BoardsTestCase
from boards.tests.test_pages import REAL

PROJECT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "USE_MOCKS": "false",
    "PUSHER_APP_ID": "123",
    "PUSHER_KEY": "a-real-key",
    "PUSHER_SECRET": "a-real-secret",
    "PUSHER_CLUSTER": "eu",
}


class Switch(BoardsTestCase):
    def test_mocks_on(self) -> None:
        self.assertTrue(is_mocked())
        self.assertIs(type(get_pusher_server()), MockPusherServer)

    def test_mocks_off_gives_exactly_the_sdk(self) -> None:
        with override(**REAL):
            server = get_pusher_server()
            self.assertFalse(is_mocked())
            self.assertIs(type(server), pusher.Pusher)
            # What the view's module imported long ago now signs with the real credentials.
            channel_name = get_user_channel_name(self.ada.pk)
            response = self.client.post(
                AUTH_URL, {"socket_id": "1.2", "channel_name": channel_name}
            )
            self.assertEqual(response.json(), server.authenticate(channel_name, "1.2"))
            self.assertTrue(response.json()["auth"].startswith("a-real-key:"))
        self.assertTrue(is_mocked())

    def test_production_loads_neither_the_mock_nor_what_no_page_needs(self) -> None:
        printed = self.in_a_fresh_process(
            "from compat import get_pusher_server;"
            "import config.urls;"
            "print(type(get_pusher_server()).__module__);"
            "print([name for name in ('pusher_mock', 'pysher', 'celery') if name in sys.modules])",
            **PRODUCTION,
        )
        self.assertEqual(printed, ["pusher.pusher", "[]"])

    def test_the_key_for_development_is_for_mocks_only(self) -> None:
        ask = "from boards.realtime import notes_are_on; print(notes_are_on())"
        name = "PUSHER_ENCRYPTION_MASTER_KEY_BASE64"
        self.assertEqual(self.in_a_fresh_process(ask, USE_MOCKS="true"), ["True"])
        self.assertEqual(self.in_a_fresh_process(ask, **{"USE_MOCKS": "true", name: ""}), ["False"])
        self.assertEqual(self.in_a_fresh_process(ask, **PRODUCTION), ["False"])

    def in_a_fresh_process(self, program: str, **environment: str) -> list[str]:
        """Run a program after Django's set-up; returns the words it prints."""
        done = subprocess.run(
            [sys.executable, "-c", f"import sys, django; django.setup(); {program}"],
            cwd=PROJECT,
            env={"DJANGO_SETTINGS_MODULE": "config.settings", **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()
