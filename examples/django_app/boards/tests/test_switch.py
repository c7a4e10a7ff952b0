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

    def test_the_application_never_loads_the_mock_in_production(self) -> None:
        program = (
            "import sys, django; django.setup();"
            "from compat import get_pusher_server;"
            "import config.urls;"
            "print(type(get_pusher_server()).__module__, 'pusher_mock' in sys.modules)"
        )
        environment = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "USE_MOCKS": "false",
            "PUSHER_APP_ID": "123",
            "PUSHER_KEY": "a-real-key",
            "PUSHER_SECRET": "a-real-secret",
            "PUSHER_CLUSTER": "eu",
        }
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stdout.split(), ["pusher.pusher", "False"])
