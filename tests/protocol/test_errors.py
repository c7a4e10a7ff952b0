"""The project's own errors."""

from __future__ import annotations

import pytest

from pusher_mock.protocol import (
    ExpectationFailed,
    NotSupported,
    ProtocolViolation,
    PusherMockError,
    UsageError,
)


@pytest.mark.parametrize("kind", [UsageError, NotSupported, ProtocolViolation, ExpectationFailed])
def test_one_base_catches_them_all(kind: type[PusherMockError]):
    error = kind("do this instead")
    assert isinstance(error, PusherMockError)
    assert str(error) == "do this instead"


def test_an_unmet_expectation_is_a_failed_assertion():
    with pytest.raises(AssertionError, match="nothing was published"):
        raise ExpectationFailed("nothing was published")


def test_a_violation_carries_what_the_peer_is_told():
    violation = ProtocolViolation("Path not found", code=4005, fatal=True)
    assert (violation.message, violation.code, violation.status, violation.fatal) == (
        "Path not found",
        4005,
        None,
        True,
    )
    assert violation.hint == ""
    assert repr(violation) == "ProtocolViolation('Path not found')"


def test_the_hint_is_for_the_author_only():
    violation = ProtocolViolation("Unknown auth_key", status=400, hint="keys known here: k")
    assert violation.message == "Unknown auth_key"
    assert str(violation) == "Unknown auth_key (keys known here: k)"
    assert (violation.code, violation.status, violation.fatal) == (None, 400, False)
