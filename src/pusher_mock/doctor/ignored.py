"""What git leaves out, as far as a project's own ``.gitignore`` files say."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_ignored"]


def is_ignored(path: str, rules: Mapping[str, str]) -> bool:
    """Whether git would leave a file out.

    Args:
        path: of the file, from the root, with ``/``.
        rules: the texts of the ``.gitignore`` files by their folder, ``""`` for the root.
    """
    parts = path.split("/")
    ignored = False
    for depth in range(len(parts)):
        text = rules.get("/".join(parts[:depth]))
        if text is None:
            continue
        inside = parts[depth:]
        for line in text.splitlines():
            rule = line.strip()
            if not rule or rule.startswith("#"):
                continue
            negated = rule.startswith("!")
            if _fits(rule.removeprefix("!"), inside):
                ignored = not negated
    return ignored


def _fits(rule: str, parts: list[str]) -> bool:
    """Whether a rule names the file, or a folder that it is in."""
    folders_only = rule.endswith("/")
    bare = rule.strip("/")
    anchored = "/" in rule.rstrip("/")
    pattern = re.compile(translate(bare.removeprefix("**/")))
    ends = range(1, len(parts) + (not folders_only))
    if anchored and not bare.startswith("**/"):
        return any(pattern.match("/".join(parts[:end])) for end in ends)
    return any(pattern.match(parts[end - 1]) for end in ends)
