"""The mixin for ``unittest`` and Django test cases."""

from __future__ import annotations

import unittest
from typing import Any, ClassVar

from tests.cases import PUBLISHER, Case, problems, run

from pusher_mock import (
    App,
    MockPusherClient,
    PusherMock,
    PusherMockMixin,
    current_mock,
)


class UsesMock(PusherMockMixin, Case):
    seen: ClassVar[list[PusherMock]] = []

    def setUp(self) -> None:
        super().setUp()
        self.seen.append(self.pusher_mock)
        PUBLISHER.trigger("set-up", "e", {})

    def test_one(self) -> None:
        assert current_mock() is self.pusher_mock
        assert [one.channel for one in self.pusher_mock.published()] == ["set-up"]

    test_two = test_one


def test_every_test_has_a_fresh_current_mock():
    UsesMock.seen.clear()
    before = current_mock()
    result = run(UsesMock)
    assert result.testsRun == 2
    assert result.wasSuccessful(), problems(result)
    one, two = UsesMock.seen
    assert one is not two
    assert one.core.closed
    assert two.core.closed
    assert current_mock() is before


class Options(PusherMockMixin, Case):
    pusher_mock_options: ClassVar[dict[str, Any]] = {
        "seed": 4,
        "history": 1,
        "apps": [App("9", "k9", "s9")],
    }

    def test_options(self) -> None:
        assert self.pusher_mock.core.seed == 4
        self.pusher_mock.server().trigger("c", "e", 1)
        assert self.pusher_mock.published("c")[0].app == "9"


def test_options():
    result = run(Options)
    assert result.wasSuccessful(), problems(result)


class Wrong(PusherMockMixin, Case):
    pusher_mock_options: ClassVar[dict[str, Any]] = {"histroy": 1}

    def test_never(self) -> None:
        raise AssertionError("unreachable")


def test_an_option_that_is_none():
    result = run(Wrong)
    assert "unexpected keyword argument 'histroy'" in problems(result)


def check(data: str) -> None:
    assert data == "y"


class CallbackFails(PusherMockMixin, Case):
    def test_it(self) -> None:
        client = MockPusherClient("k", secret="s")
        client.connect()
        client.subscribe("c").bind("e", check)
        PUBLISHER.trigger("c", "e", "x")


class CallbackMayFail(CallbackFails):
    pusher_mock_callback_errors = False


def test_a_callback_that_fails_fails_the_test():
    result = run(CallbackFails)
    assert len(result.failures + result.errors) == 1
    assert "in check" in problems(result)
    assert "raised by the callback for e of channel c" in problems(result)


def test_unless_it_was_switched_off():
    assert run(CallbackMayFail).wasSuccessful()


class ClientStays(PusherMockMixin, Case):
    client: ClassVar[MockPusherClient]

    def test_it(self) -> None:
        type(self).client = MockPusherClient("k", secret="s")
        self.client.connect()
        assert self.client.connection.state == "connected"


def test_clients_are_disconnected_at_the_end():
    assert run(ClientStays).wasSuccessful()
    assert ClientStays.client.connection.state == "disconnected"


class SetUpFails(Case):
    def setUp(self) -> None:
        raise RuntimeError("broken set-up")


class MixedSetUpFails(PusherMockMixin, SetUpFails):
    def test_it(self) -> None:
        raise AssertionError("unreachable")


def test_a_broken_set_up_leaves_nothing_behind():
    before = current_mock()
    assert "broken set-up" in problems(run(MixedSetUpFails))
    assert current_mock() is before


class Asynchronous(PusherMockMixin, unittest.IsolatedAsyncioTestCase):
    __test__ = False

    async def test_it(self) -> None:
        PUBLISHER.trigger("c", "e", {})
        self.pusher_mock.assert_triggered("c", "e")


def test_asynchronous_cases():
    result = run(Asynchronous)
    assert result.wasSuccessful(), problems(result)
