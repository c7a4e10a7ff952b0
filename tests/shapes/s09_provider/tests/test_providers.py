"""Its own tests: they patch the SDK's class."""

from unittest.mock import MagicMock, patch

from django.test import SimpleTestCase, override_settings
from tests.shapes.s09_provider.providers import PusherProvider, occupied


class PusherProviderTests(SimpleTestCase):
    def setUp(self) -> None:
        occupied.add("private-x")
        self.addCleanup(occupied.clear)

    @patch("pusher.Pusher.trigger")
    def test_trigger(self, trigger: MagicMock) -> None:
        PusherProvider().trigger(["private-x"], "update", {"id": 1})
        trigger.assert_called_once_with(["private-x"], "update", {"id": 1}, None)

    @override_settings(DRF_MODEL_PUSHER_DISABLED=True)
    @patch("pusher.Pusher.trigger")
    def test_disabled(self, trigger: MagicMock) -> None:
        PusherProvider().trigger(["private-x"], "update", {"id": 1})
        trigger.assert_not_called()

    def test_trigger_for_real(self) -> None:
        """Of those that nobody has patched."""
        PusherProvider().trigger(["private-x"], "update", {"id": 1})
