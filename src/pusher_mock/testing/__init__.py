"""Assertions and posters. Imports no test runner."""

from __future__ import annotations

from .posters import Posted, django_poster, flask_poster

__all__ = ["Posted", "django_poster", "flask_poster"]
