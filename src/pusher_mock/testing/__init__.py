"""Assertions, posters and decryption. Imports no test runner."""

from __future__ import annotations

from pusher_mock.protocol.encryption import decrypt

from .posters import Posted, django_poster, flask_poster

__all__ = ["Posted", "decrypt", "django_poster", "flask_poster"]
