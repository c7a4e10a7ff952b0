"""What catches the applications' calls."""

from __future__ import annotations

from tests.shapes.fixtures import mock, others, page

__all__ = ["mock", "others", "page"]
