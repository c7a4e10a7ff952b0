"""What an import brings along, seen in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pysher", "requests", "urllib3", "websocket", "respx", "httpx", "starlette", "pydantic")
SDKS = ("pusher", *HEAVY, "nacl", "six", "aiohttp", "django", "flask", "anyio", "asyncio")


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Return which of the modules are loaded once the code has run."""
    program = f"{code}\nimport sys\nprint(*[one for one in {names!r} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "code",
    [
        "import pusher_mock",
        "from pusher_mock import PusherMock, App, Webhook, UsageError, current_mock",
        "from pusher_mock import PusherMock; PusherMock()",
        "from pusher_mock import PusherMock\nwith PusherMock() as mock: mock.state.get_state()",
        "from pusher_mock import pusher_mock_state; pusher_mock_state.trigger('c', 'e', {})",
        "from pusher_mock import PusherMockMixin",
        "import pusher_mock.testing.expect, pusher_mock.intercept",
    ],
)
def test_neither_sdk_is_needed(code: str):
    assert loaded(code, SDKS) == []


@pytest.mark.parametrize(
    "code",
    [
        "from pusher_mock import PusherMock, MockPusherServer",
        "from pusher_mock import MockPusherServer; MockPusherServer('1', 'k', 's')",
        "from pusher_mock import PusherMock; PusherMock().server().trigger('c', 'e', {})",
    ],
)
def test_a_publisher_brings_its_sdk_alone(code: str):
    assert loaded(code, HEAVY) == []
    assert loaded(code, ("pusher",)) == ["pusher"]


def test_a_publisher_brings_the_core_when_the_first_is_built():
    names = ("pusher_mock.core", "pusher_mock.engine", "pusher_mock.mock")
    assert loaded("from pusher_mock import MockPusherServer", names) == []
    assert loaded("from pusher_mock import PusherMock", names) == ["pusher_mock.mock"]


def test_a_subscriber_brings_its_sdk_alone():
    code = "from pusher_mock import PusherMock; PusherMock().client(connect=True)"
    assert loaded(code, ("pusher", "respx", "httpx", "starlette", "pydantic")) == []


def test_the_plugin_brings_nothing_but_pytest():
    code = "import pytest, sys\nbefore = set(sys.modules)\nimport pusher_mock.pytest_plugin"
    assert loaded(code, SDKS[:8]) == []
    program = f"{code}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["pusher_mock", "pusher_mock.pytest_plugin"]
