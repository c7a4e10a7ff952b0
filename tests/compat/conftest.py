"""Every test here starts without settings: no variable, an empty directory, no cache."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat import frameworks, reset_cache
from compat.names import VARIABLES


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the current directory, where a test may put its `.env`."""
    # Other tests of this process may have loaded Django, or named a Flask application.
    monkeypatch.delitem(sys.modules, "django.conf", raising=False)
    monkeypatch.setattr(frameworks, "_flask_default", None)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    reset_cache()
    yield tmp_path
    reset_cache()


@pytest.fixture
def mocks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_MOCKS", "true")


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complete credentials, mocks off."""
    monkeypatch.setenv("PUSHER_APP_ID", "42")
    monkeypatch.setenv("PUSHER_KEY", "real-key")
    monkeypatch.setenv("PUSHER_SECRET", "real-secret")
    monkeypatch.setenv("PUSHER_CLUSTER", "eu")
