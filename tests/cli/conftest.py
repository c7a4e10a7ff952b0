"""Commands in this process, and an in-memory Pusher behind the SDK's HTTP."""

from __future__ import annotations

import logging
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from click.testing import CliRunner, Result

from pusher_mock import PusherMock
from pusher_mock.cli.group import commands
from pusher_mock.engine import HttpRequested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Run = "Callable[..., Result]"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the developer's, and the log as it was afterwards."""
    for name in os.environ:
        if name.startswith(("PUSHER_", "NEXT_PUBLIC_", "USE_MOCKS")):
            monkeypatch.delenv(name)
    loggers = [logging.getLogger(name) for name in ("pusher_mock", "uvicorn")]
    before = [(one.handlers[:], one.propagate, one.level) for one in loggers]
    yield
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers[:] = handlers
        one.propagate = propagate
        one.setLevel(level)


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run a command: its words, and what stands on its standard input."""

    def run(*words: str, stdin: str | bytes | None = None, **options: Any) -> Result:
        result = CliRunner().invoke(
            commands, words, input=stdin, prog_name="pusher-mock", terminal_width=100, **options
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        return result

    return run


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> PusherMock:
    """A strict Pusher that answers whatever the SDK asks; ``asked`` has the addresses."""
    mock = PusherMock(strict=True)

    def request(self: requests.Session, method: str, url: str, **options: Any) -> SimpleNamespace:
        where = urlsplit(url)
        asked.append((f"{where.scheme}://{where.netloc}", self.trust_env, options.get("verify")))
        body = options.get("data") or b""
        query = tuple(parse_qsl(where.query, keep_blank_values=True))
        answer = mock.core.request(HttpRequested(method, where.path, query, body))
        return SimpleNamespace(status_code=answer.status, text=answer.body)

    asked: list[tuple[str, bool, Any]] = []
    monkeypatch.setattr(requests.Session, "request", request)
    monkeypatch.setattr(mock, "asked", asked, raising=False)
    return mock
