"""What a fresh interpreter has imported after each use."""

import subprocess
import sys

import pytest

WATCHED = {
    "django",
    "dotenv",
    "fastapi",
    "flask",
    "httpx",
    "pusher",
    "pusher_mock",
    "pydantic",
    "pydantic_settings",
    "pysher",
    "pytest",
    "requests",
    "respx",
    "starlette",
    "websocket",
}

SETTINGS = {"dotenv", "pydantic", "pydantic_settings"}
"""Needed to read settings at all."""

REAL_SERVER = {"pusher", "requests"}
REAL_CLIENT = {"pysher", "requests", "websocket"}


def imported(code: str) -> set[str]:
    """Return the watched packages that running `code` has imported."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return WATCHED & set(run.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import compat",
        "from compat import frontend_config, get_pusher_server, override, pusher_server",
        "import compat; compat.override(use_mocks=True).__enter__()",
    ],
)
def test_importing_it_imports_nothing(code: str):
    assert imported(code) == set()


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import compat; compat.PusherSettings()", SETTINGS),
        ("import compat; compat.frontend_config()", SETTINGS),
        ("import compat; compat.is_mocked()", SETTINGS),
        ("import compat; repr(compat.pusher_server)", SETTINGS),
        ("import compat; compat.get_pusher_server()", SETTINGS | REAL_SERVER),
        ("import compat; compat.pusher_server.trigger", SETTINGS | REAL_SERVER),
        ("import compat; compat.get_pusher_client()", SETTINGS | REAL_CLIENT),
    ],
)
def test_real_mode(code: str, expected: set[str]):
    assert imported(code) == expected


@pytest.mark.usefixtures("mocks_on")
@pytest.mark.parametrize(
    "code",
    [
        "import compat; compat.PusherSettings()",
        "import compat.settings, compat.frontend; compat.frontend.frontend_config()",
        "import compat; compat.is_mocked()",
        "import compat; repr(compat.pusher_server)",
    ],
)
def test_settings_and_frontend_never_import_the_mock(code: str):
    assert imported(code) == SETTINGS


@pytest.mark.usefixtures("mocks_on")
def test_the_mock_server_imports_no_more_than_it_needs():
    code = "import compat; compat.pusher_server.trigger('task-1', 'new-message', {})"
    assert imported(code) == SETTINGS | {"pusher", "pusher_mock"}


@pytest.mark.usefixtures("mocks_on")
def test_the_mock_client_imports_no_more_than_it_needs():
    code = "import compat; compat.get_pusher_client(connect=True)"
    assert imported(code) <= SETTINGS | REAL_CLIENT | {"pusher", "pusher_mock"}
    assert "pusher_mock" in imported(code)


def test_unknown_names():
    import compat

    assert compat.PusherSettings.__name__ == "PusherSettings"
    with pytest.raises(AttributeError, match="module 'compat' has no attribute 'nonsense'"):
        _ = compat.nonsense


def test_public_names_exist():
    import compat

    for name in compat.__all__:
        assert getattr(compat, name) is not None
