"""Pages that are gone, as versions of Playwright tell it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.intercept.browser import closes

if TYPE_CHECKING:
    from collections.abc import Callable


class Channel:
    """Events, as Playwright's own listeners have them."""

    def __init__(self) -> None:
        self.listeners: dict[str, list[Callable[[Any], object]]] = {}
        for event in ("closePage", "closeServer", "messageFromPage"):
            self.on(event, print)

    def on(self, event: str, listener: Callable[[Any], object]) -> None:
        self.listeners.setdefault(event, []).append(listener)

    def remove_all_listeners(self, event: str) -> None:
        del self.listeners[event]


class Route:
    """A WebSocket's route; its channel is private."""

    def __init__(self, channel: object) -> None:
        self._impl_obj = SimpleNamespace(_channel=channel)
        self.handlers: list[Any] = []

    def on_close(self, handler: Any) -> None:
        self.handlers.append(handler)


@pytest.fixture
def heard() -> list[Any]:
    return []


def test_before_1_65(heard: list[Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(closes, "version", lambda name: "1.64.1")
    channel = Channel()
    route = Route(channel)
    closes.on_close(route, lambda *args: heard.append(args))
    assert list(channel.listeners) == ["messageFromPage", "closePage"]
    (listener,) = channel.listeners["closePage"]
    listener({"wasClean": True})
    listener({"code": 1000, "reason": "over", "wasClean": True})
    assert heard == [(None, None), (1000, "over")]
    assert not route.handlers


@pytest.mark.parametrize(("version", "channel"), [("1.65.0", Channel()), ("1.64.0", None)])
def test_the_public_way(version: str, channel: Channel | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(closes, "version", lambda name: version)
    route = Route(channel)
    closes.on_close(route, print)
    assert route.handlers == [print]
