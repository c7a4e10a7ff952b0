"""The doctor reads: it imports neither SDK, nor the project."""

from __future__ import annotations

from typing import Any

from tests.test_imports import SDKS, loaded

from .reports import only


def test_neither_sdk_is_needed():
    code = "from pusher_mock.doctor import read_project; read_project('.')"
    assert loaded(code, (*SDKS, "compat", "click", "pusher_mock.core")) == []


def test_nothing_of_the_project_runs(read: Any, tmp_path: Any):
    ran = tmp_path / "ran"
    code = f"import pusher\nopen({str(ran)!r}, 'w').close()\nc = pusher.Pusher('1', 'k', 's')\n"
    report = read({"app.py": code})
    assert only(report, "client").line == 3
    assert not ran.exists()
