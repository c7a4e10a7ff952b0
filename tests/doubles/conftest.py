"""Fixtures of the client's tests: the same scenario on several sides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from .side_threaded import SIDES
from .sides import Double, Side

if TYPE_CHECKING:
    from collections.abc import Iterator


class Endpoint:
    """An ``auth_endpoint``: answers with what it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        self.answer: Any = None

    def __call__(self, url: str, **options: Any) -> Any:
        self.asked.append((url, options))
        answer = self.answer(options["data"]) if callable(self.answer) else self.answer
        return SimpleNamespace(status_code=self.status, json=lambda: answer)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture(params=SIDES)
def side(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint
) -> Iterator[Side]:
    """Real pysher, the double, and the double with its thread."""
    made = SIDES[request.param](monkeypatch, endpoint)
    yield made
    made.end()


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> Iterator[Double]:
    """The deterministic double only."""
    made = Double(monkeypatch, endpoint)
    yield made
    made.end()
