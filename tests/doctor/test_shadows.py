"""Modules of the project with the names of the SDKs, or of the switch."""

from __future__ import annotations

from typing import Any

import pytest

from .reports import all_of, only

USE = {"app.py": "import pusher\n"}


@pytest.mark.parametrize("path", ["pusher.py", "pusher/__init__.py", "src/pusher.py"])
def test_one_that_hides_the_sdk(read: Any, path: str):
    found = only(read({path: "X = 1\n", **USE}), "shadow")
    assert (found.path, found.line, found.severity) == (path, 0, "error")
    assert found.text == "`import pusher` finds this file, not the SDK"
    assert found.advice


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"pusher.py": ""}, "warning"),
        ({"pusher.py": "", "__init__.py": "", **USE}, "note"),
        ({"edu/pusher.py": "", "edu/__init__.py": "", **USE}, "note"),
        ({"services/pusher.py": "", **USE}, "warning"),
        ({"site1/manage.py": "", "site1/pysher.py": "", **USE}, "error"),
        ({"part/pyproject.toml": "", "part/pusher.py": "", "compat": "", **USE}, "error"),
        ({"backend/src/pusher.py": "", **USE}, "error"),
        ({"backend/src/pusher.py": "", "backend/src/__init__.py": "", **USE}, "note"),
    ],
)
def test_how_much_it_matters(read: Any, files: dict[str, str], severity: str):
    assert only(read(files), "shadow").severity == severity


def test_a_compat_of_their_own(read: Any):
    report = read({"compat.py": "", "app.py": "from compat import pusher_server\n"})
    found = only(report, "shadow")
    assert (found.severity, found.path) == ("warning", "compat.py")
    assert "pusher_mock.clash" in found.advice
    assert all_of(report, "switch") == []


def test_a_compat_inside_a_package(read: Any):
    assert read({"shop/compat.py": "", "shop/__init__.py": ""}).findings == ()


def test_a_copy_of_the_sdk(read: Any):
    report = read({"pusher/__init__.py": "", "pusher/pusher_client.py": "", **USE})
    found = only(report, "shadow")
    assert (found.severity, found.advice) == ("note", "")
    assert "a copy of the SDK pusher" in found.text


def test_other_names(read: Any):
    assert all_of(read({"shop/pushers.py": "import pusher\n"}), "shadow") == []
