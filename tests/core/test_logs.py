"""Logging: on request, outside the lock, without secrets."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pusher_mock import MockPusherServer, PusherMock
from pusher_mock.core.logs import configure, logger
from pusher_mock.protocol.errors import UsageError

from .bench import Bench, lock_is_free

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "mock-pusher-secret"


@pytest.fixture
def fresh() -> Iterator[logging.Logger]:
    """The logger as it is before anything has configured it."""
    level, handlers = logger.level, logger.handlers[:]
    logger.setLevel(logging.NOTSET)
    logger.handlers[:] = []
    yield logger
    logger.setLevel(level)
    logger.handlers[:] = handlers


@pytest.mark.parametrize("value", ["", "0", "false", "no", "off", " OFF ", None])
def test_off(fresh: logging.Logger, monkeypatch: pytest.MonkeyPatch, value: str | None):
    if value is None:
        monkeypatch.delenv("PUSHER_MOCK_LOG", raising=False)
    else:
        monkeypatch.setenv("PUSHER_MOCK_LOG", value)
    configure()
    assert (fresh.level, fresh.handlers) == (logging.NOTSET, [])


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("1", logging.DEBUG),
        ("true", logging.DEBUG),
        ("YES", logging.DEBUG),
        ("on", logging.DEBUG),
        (" debug ", logging.DEBUG),
        ("info", logging.INFO),
        ("Warning", logging.WARNING),
        ("error", logging.ERROR),
    ],
)
def test_on(fresh: logging.Logger, monkeypatch: pytest.MonkeyPatch, value: str, level: int):
    monkeypatch.setenv("PUSHER_MOCK_LOG", value)
    configure()
    configure()
    assert fresh.level == level
    assert len(fresh.handlers) == 1


def test_a_handler_of_the_applications_stays_alone(
    fresh: logging.Logger, monkeypatch: pytest.MonkeyPatch
):
    own = logging.NullHandler()
    fresh.addHandler(own)
    monkeypatch.setenv("PUSHER_MOCK_LOG", "1")
    configure()
    assert fresh.handlers == [own]


@pytest.mark.parametrize("value", ["verbose", "2", "tru"])
def test_a_value_that_is_not_understood(
    fresh: logging.Logger, monkeypatch: pytest.MonkeyPatch, value: str
):
    monkeypatch.setenv("PUSHER_MOCK_LOG", value)
    with pytest.raises(UsageError, match=f"PUSHER_MOCK_LOG='{value}' is not understood; use one"):
        configure()


_APPLICATION = """
from pusher_mock import PusherMock
mock = PusherMock()
client = mock.client(connect=True)
client.subscribe("private-a").bind("x", lambda data: 1 / 0)
mock.server().trigger("private-a", "x", "hello")
client.subscribe("private-a")
try:
    mock.server(secret="wrong").trigger("a", "x", "1")
except Exception:
    pass
"""


def log_of_a_run(value: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", _APPLICATION],
        env={**os.environ, "PUSHER_MOCK_LOG": value},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout == ""
    return run.stderr


def test_every_message_on_request():
    text = log_of_a_run("1")
    for part in ("pusher_mock DEBUG", "ConnectionOpened", "pusher:subscribe", "hello", "Respond"):
        assert part in text
    assert SECRET not in text
    assert "'wrong'" not in text


def test_what_a_level_above_shows():
    text = log_of_a_run("info")
    assert "DEBUG" not in text
    assert "hello" not in text
    assert "ZeroDivisionError" in text  # what pysher would have hidden
    assert SECRET not in text
    # of the signatures, only the wrong one that the service names itself
    assert "auth_signature" not in text
    assert text.count("POST /apps") == 1


def test_a_bad_value_in_the_environment():
    with pytest.raises(subprocess.CalledProcessError) as caught:
        log_of_a_run("maybe")
    assert "UsageError: PUSHER_MOCK_LOG='maybe' is not understood" in caught.value.stderr


def test_refusals_are_explained(caplog: pytest.LogCaptureFixture):
    bench = Bench()
    client = bench.mock.client(secret="other")
    client.connect()
    caplog.clear()
    client.subscribe("private-a")
    [record] = [one for one in caplog.records if one.name == "pusher_mock"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("mock-connection-1: ")
    assert SECRET not in caplog.text


def test_no_handler_runs_under_the_lock(fresh: logging.Logger):
    mock, free, kinds = PusherMock(), [], []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kinds.append(record.levelname)
            free.append(lock_is_free(mock.core))

    fresh.addHandler(Handler())
    fresh.setLevel(logging.DEBUG)
    client = mock.client(secret="other", connect=True)
    client.subscribe("private-a")
    client.subscribe("a").bind("x", lambda data: 1 / 0)
    mock.server().trigger("a", "x", "1")
    mock.clock.advance(60_000)
    client.disconnect()
    with mock:
        MockPusherServer("1", "mock-pusher-key", SECRET)
    assert set(kinds) == {"DEBUG", "WARNING", "ERROR"}
    assert all(free)


def test_a_handler_that_shows_the_mock_while_another_thread_logs(fresh: logging.Logger):
    """The handler's lock and the core's: whoever held one waited for the other."""
    mock = PusherMock()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            repr(mock)  # asks for the connections, and so for the core's lock

    fresh.addHandler(Handler())
    fresh.setLevel(logging.DEBUG)
    barrier = threading.Barrier(2)

    def work(number: int) -> None:
        barrier.wait(10)
        for _ in range(200):
            if number:
                logger.debug("something")
            else:
                mock.core.learn(None, f"key-{_}", None)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_a_note_that_another_thread_has_logged_just_now(fresh: logging.Logger):
    mock = PusherMock()

    class Racing:
        def __len__(self) -> int:
            return 1

        def popleft(self) -> None:
            raise IndexError

    setattr(mock.core._courier, "notes", Racing())  # noqa: B010
    mock.core.learn("1", "k", "s")
    assert len(mock.journal) == 1
