"""Reads a project, without importing it, and says how it uses Pusher."""

from __future__ import annotations

from .examine import read_project
from .findings import Advice, Finding, Report, Setting, Skipped

__all__ = ["Advice", "Finding", "Report", "Setting", "Skipped", "read_project"]
