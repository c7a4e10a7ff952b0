"""Inputs are frozen, and what a door must get right is checked when they are built."""

from __future__ import annotations

import dataclasses

import pytest

from pusher_mock.engine import (
    ConnectionClosed,
    ConnectionOpened,
    CredentialsSeen,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    TimerFired,
)
from pusher_mock.protocol import UsageError

INPUTS: tuple[Input, ...] = (
    ConnectionOpened("c", "1.1", "/app/k?protocol=7"),
    FrameReceived("c", "{}"),
    PongReceived("c"),
    ConnectionClosed("c"),
    HttpRequested("GET", "/", ()),
    CredentialsSeen("1", "k", "s"),
    TimerFired(),
)


@pytest.mark.parametrize("happened", INPUTS, ids=lambda one: type(one).__name__)
def test_inputs_are_frozen_values(happened: Input):
    assert dataclasses.replace(happened) == happened
    assert not hasattr(happened, "__dict__")
    for field in dataclasses.fields(happened):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(happened, field.name, None)


@pytest.mark.parametrize("socket_id", ["", "1", "a.b", "1.1\n"])
def test_a_socket_id_has_the_form_that_every_sdk_checks(socket_id: str):
    # facts 1.1.11
    with pytest.raises(UsageError, match=r"has the form 123\.456"):
        ConnectionOpened("c", socket_id, "/app/k?protocol=7")


def test_a_secret_is_not_shown():
    seen = CredentialsSeen("1", "k", "top-secret")
    assert repr(seen) == "CredentialsSeen(app_id='1', key='k')"
