"""Small projects, written where a test may write."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pusher_mock.doctor import Report, read_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def read(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Report]:
    """Write a project, and read it: paths to texts."""

    def read(files: dict[str, str | bytes]) -> Report:
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return read_project(tmp_path)

    return read
