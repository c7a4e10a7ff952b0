"""The applications are no tests of this suite, and those in Django have a process of their own."""

from __future__ import annotations

from .fixtures import mock, others, page

__all__ = ["mock", "others", "page"]

collect_ignore = ["django_suite"]
collect_ignore_glob = ["s[0-9]*"]
