"""A recorder listens to the app that the application under test publishes to."""

from __future__ import annotations

import pytest

from compat import override
from pusher_mock import App, ExpectationFailed, PusherMock
from pusher_mock.testing.application import application_credentials

SHOP = {"app_id": "42", "key": "shop-key", "secret": "shop-secret"}


def test_the_applications_app():
    mock = PusherMock()
    with override(use_mocks=True, **SHOP):
        assert application_credentials() == SHOP
        recorder = mock.recording_subscriber("orders")
        mock.server(**SHOP).trigger("orders", "paid", 1)
        mock.expect_delivered("orders", "paid", 1, to=recorder)


def test_the_mocks_own_app():
    with override(use_mocks=False, **SHOP):
        assert application_credentials() == {}
    mock = PusherMock(apps=[App("1", "one", "secret")])
    with override(use_mocks=True, **SHOP):
        recorder = mock.recording_subscriber("orders")
        mock.server().trigger("orders", "paid", 1)
    assert recorder.payloads == [1]


def test_two_apps_are_told():
    mock = PusherMock()
    mock.recording_subscriber("orders", key="mock-pusher-key", secret="mock-pusher-secret")
    mock.server(**SHOP).trigger("orders", "paid", 1)
    with pytest.raises(
        ExpectationFailed, match=r"published to app 42, and the subscribers .* of app mock-app-id"
    ):
        mock.expect_delivered("orders", "paid")
