"""Secrets that stand in files: which ones are real, and how they are shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from .findings import Finding

if TYPE_CHECKING:
    from .findings import Severity

__all__ = [
    "found",
    "is_fake",
    "is_placeholder",
    "looks_like_pushers",
    "mask",
    "secret_in_url",
]

_SHOWN: Final = 4
_SHORTEST: Final = 8  # anything shorter was typed for a test
_ALPHABETS: Final = ("0123456789abcdef", "1234567890", "abcdefghijklmnopqrstuvwxyz")
_START: Final = 4

# Pusher's secrets are twenty hexadecimal digits, so none of these words can be in one.
_WORDS: Final = re.compile(
    r"test|secret|fake|mock|dummy|example|sample|change|your|place|todo|insert|replace|here|"
    r"local|none|null|pusher|soketi|some|default|undefined|redacted|hidden|value|xxx|\*\*\*",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(
    r"\$\{|\$\(|\A\$|\{\{|%\(|\A%|\A<.*>\Z|\A\[.*\]\Z|\A\{.*\}\Z|\.\.\.|…"
)
_PUSHERS: Final = re.compile(r"[0-9a-f]{20}\Z")

_ADVICE: Final = (
    "make a new one in Pusher's dashboard, read it from the environment, and take it out of the "
    "history as well"
)
_ADVICE_WITHOUT_HISTORY: Final = (
    "read it from the environment; before this becomes a repository, let git leave the file out, "
    "and if others have the file, make a new one in Pusher's dashboard"
)


def mask(value: str) -> str:
    """The first four characters; none of a short one, which would be told by them."""
    return f"{value[:_SHOWN] if len(value) >= _SHORTEST else ''}…"


def is_fake(value: str) -> bool:
    """Whether a value is obviously none: empty, a word, a placeholder, a row of digits."""
    text = value.strip()
    lower = text.lower()
    return (
        len(text) < _SHORTEST
        or len(set(lower)) <= _START
        or " " in text
        or bool(_WORDS.search(text) or _PLACEHOLDER.search(text))
        or any(alphabet.startswith(lower[:_START]) for alphabet in _ALPHABETS)
    )


def is_placeholder(value: str) -> bool:
    """Whether something else fills the value in."""
    return not value.strip() or bool(_PLACEHOLDER.search(value.strip()))


def looks_like_pushers(value: str) -> bool:
    """Whether it has the form of a secret that Pusher gives out."""
    return bool(_PUSHERS.match(value.strip()))


def found(
    path: str,
    line: int,
    value: str,
    what: str,
    *,
    in_tests: bool = False,
    ignored: bool = False,
    in_git: bool = True,
) -> Finding | None:
    """The finding that a secret is, unless it is a fake.

    Args:
        path: of the file.
        line: in there.
        value: the secret.
        what: where it stands, ``PUSHER_SECRET`` for one.
        in_tests: whether the file is a test; there only what looks like Pusher's is an error.
        ignored: whether git leaves the file out, by its own rules.
        in_git: whether there is a history that it may be in.
    """
    if is_fake(value):
        return None
    if ignored:
        text = f"{what} is {mask(value)}; git leaves this file out"
        return Finding(path, line, "local-secret", "note", text)
    real = not in_tests or looks_like_pushers(value)
    severity: Severity = "error" if real else "warning"
    text = f"{what} stands in the file: {mask(value)}"
    advice = _ADVICE if in_git else _ADVICE_WITHOUT_HISTORY
    return Finding(path, line, "secret", severity, text, None, advice)


def secret_in_url(url: str) -> str | None:
    """The password of a URL such as ``PUSHER_URL``, if it has one."""
    try:
        password = urlsplit(url.strip()).password
    except ValueError:
        return None
    return unquote(password) if password else None
