"""The credentials of a mock that nobody configured."""

from __future__ import annotations

from pusher_mock.protocol import defaults


def test_they_are_those_of_the_document():
    # design, "Names that are fixed"
    assert {name: getattr(defaults, name) for name in defaults.__all__} == {
        "APP_ID": "mock-app-id",
        "CLUSTER": "mock-cluster",
        "KEY": "mock-pusher-key",
        "NUMERIC_APP_ID": "1",
        "SECRET": "mock-pusher-secret",
    }


def test_the_sdk_takes_the_numeric_id():
    # facts 5.1
    assert defaults.NUMERIC_APP_ID.isdigit()
