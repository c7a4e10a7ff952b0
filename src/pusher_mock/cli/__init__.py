"""The command ``pusher-mock``: a local Pusher, and what goes with it on a command line."""

from __future__ import annotations

from .entry import main

__all__ = ["main"]
