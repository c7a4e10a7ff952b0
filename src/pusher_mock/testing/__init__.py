"""Assertions, posters and a ``TestCase`` mixin. Imports no test runner."""

from __future__ import annotations

from .cases import PusherMockMixin
from .posters import Posted, django_poster, flask_poster

__all__ = ["Posted", "PusherMockMixin", "django_poster", "flask_poster"]
