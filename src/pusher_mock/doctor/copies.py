"""Secrets that are known from one place, wherever else they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .secrets import looks_like_pushers
from .walk import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .reader import Notes
    from .walk import Source

__all__ = ["read_copies"]

_LONGEST_WORD: Final = 12  # something shorter may stand in a text by chance


def read_copies(sources: Iterable[Source], to: Notes) -> None:
    """Take down every line that has a secret which was found on another one."""
    known = [one for one in sorted(to.known) if looks_like_pushers(one) or _is_odd(one)]
    if not known:
        return
    told = {(one.path, one.line) for one in to.findings if one.kind.endswith("secret")}
    bare = [one.encode() for one in known]
    whole = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)")
    for source in sources:
        try:
            data = source.data()
        except OSError:
            continue  # which has been told
        if not any(one in data for one in bare):
            continue
        for number, line in enumerate(decode(data, source.kind).splitlines(), 1):
            match = whole.search(line)
            if match is not None and (source.path, number) not in told:
                to.secret(source.path, number, match[0], "a secret that is used elsewhere, too,")


def _is_odd(value: str) -> bool:
    """Whether no text has it by chance."""
    return len(value) >= _LONGEST_WORD and any(one.isdigit() for one in value)
