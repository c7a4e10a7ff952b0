"""`docs/troubleshooting.md` is keyed by the texts that a user sees: all of them, and no others."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

import pytest
from tests.docs.texts import GAP, Said, literals, quotes, raised, says

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "troubleshooting.md"
SOURCES = sorted((ROOT / "src").rglob("*.py"))

INTERNAL = {
    "not a boolean": "pydantic turns it into a line of a ConfigurationError",
    f"{GAP} is not JSON": "becomes `Invalid message: not a JSON object` or `Invalid body`",
    f"{GAP} is out of range": "the same",
    "nested too deep": "the same",
    f"the engine takes the inputs of engine.inputs, not {GAP}": "for authors of doors",
    f"a socket id has the form 123.456, not {GAP}": "for authors of doors",
    f"{GAP} or its socket id {GAP} is taken; give every connection its own": "for authors of doors",
    f"@pytest.mark.{GAP}: {GAP}": "hands a TypeError of PusherMock on",
    f" (also read: {GAP})": "goes behind `the … is missing: set …`",
}
"""Texts that no user of the package can see, and why."""

FOREIGN = {
    "fixture 'pusher_mock' not found": "pytest",
    "connection.state": "a name, not a text",
    "cannot import name 'pusher_server' from 'compat'": "Python",
    "No module named 'compat.django'; 'compat' is not a package": "Python",
    "Object of type bytes is not JSON serializable": "Python",
}
"""Quotes that are not from our sources nor from those of the SDKs."""


def _package(name: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return sorted(Path(spec.origin).parent.glob("*.py"))


@pytest.fixture(scope="module")
def said() -> list[Said]:
    """Every text of our sources, of the two SDKs, and of Python's threads."""
    threads = Path(threading.__file__)
    return list(literals([*SOURCES, *_package("pusher"), *_package("pysher"), threads]))


@pytest.fixture(scope="module")
def quoted() -> list[str]:
    return quotes(PAGE.read_text(encoding="utf-8"))


def test_what_is_quoted_is_said_somewhere(said: list[Said], quoted: list[str]):
    assert len(quoted) > 100
    stale = [
        quote
        for quote in quoted
        if quote not in FOREIGN and not any(says(one.text, quote) for one in said)
    ]
    assert stale == [], "no source says this any more; correct docs/troubleshooting.md"


def test_what_a_user_may_see_is_quoted(quoted: list[str]):
    missing = [
        f"{one.where}: {one.text}"
        for one in raised(SOURCES)
        if one.text not in INTERNAL and not any(says(one.text, quote) for quote in quoted)
    ]
    assert missing == [], "give these an entry in docs/troubleshooting.md"


def test_the_exceptions_are_needed():
    texts = {one.text for one in raised(SOURCES)}
    assert not set(INTERNAL) - texts


def test_a_quote_of_gaps_alone_says_nothing(quoted: list[str]):
    assert not [quote for quote in quoted if len(quote.replace(GAP, "").strip(" :,;()")) < 8]


@pytest.mark.parametrize(
    ("text", "quote", "fits"),
    [
        ("no app has the key …; there are …", "no app has the key …", True),
        ("no app has the key …; there are …", "no app has … there are", True),
        ("no app has the key …; there are …", "there are … no app", False),
        ("no app has the key …", "no app has a key", False),
    ],
)
def test_quotes_are_pieces_in_order(text: str, quote: str, fits: bool):
    assert says(text, quote) is fits
