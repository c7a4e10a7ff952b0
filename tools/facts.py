"""The fact sheet, read: each fact, where it is from, and what tests make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

__all__ = ["MISSING", "SKIPPED", "STATES", "Fact", "read_facts"]

MISSING: Final = {
    "1.13.11": "pusher-js's own, and undocumented",
    "5.1.7": "the double refuses `TornadoBackend`, with `NotSupported`",
    "5.1.8": "`pusher.gae` cannot be imported outside of App Engine, so nothing was tried",
}
"""Facts, and sections with all of their facts, that are not there yet, with the reason."""

SKIPPED: Final = ("0", "6")
"""Chapters that say nothing about how Pusher behaves."""

TITLES: Final = {
    "5.1": "The SDK `pusher` 3.3.4",
    "5.2": "The SDK `pysher` 1.0.8",
    "7": "Test vectors",
    "8": "What is not established",
}
"""Where the heading of the fact sheet says too little by itself."""

STATES: Final = {
    "exact": "established, and tested",
    "others": "only other servers show it; the mock does the same, and that is tested",
    "partly": "tested; what is not established of it is our own choice",
    "own": "not established: our own choice, and tested",
    "missing": "not there yet, or not supported",
    "open": "no test names it: nothing is claimed",
}

_WHOLE: Final = "the section, as far as its lines have no numbers"

_UNSURE = re.compile(r"(?<![^\s;(|])\?(?![^\s;)|:])")
_GRADES = re.compile(r"\[([A-Z](?:,[A-Z])*)(?:, weak)?\]")


@dataclass
class Fact:
    """One fact and what tests say about it.

    Attributes:
        id: `1.4.3`, or `1.3` for a whole section.
        section: the id of its section.
        text: the fact, in Markdown.
        source: where it is from, with its grades.
        tests: the modules that name it, each with the sides it runs on.
    """

    id: str
    section: str
    text: str
    source: str
    tests: dict[str, set[str]] = field(default_factory=dict)

    @property
    def reason(self) -> str | None:
        """Why it is not there yet."""
        return MISSING.get(self.id) or MISSING.get(self.section)

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.reason is not None:
            return "missing"
        if not self.tests:
            return "open"
        if self.section == "8":
            return "own"
        unsure = bool(_UNSURE.search(self.source))
        grades = {grade for found in _GRADES.findall(self.source) for grade in found.split(",")}
        if unsure and not grades - {"I"}:
            return "own"
        if unsure:
            return "partly"
        return "others" if grades == {"I"} else "exact"


def read_facts(text: str) -> tuple[dict[str, Fact], dict[str, str]]:
    """Read the fact sheet.

    Returns:
        The facts by id, and the titles of their sections by id, both in the sheet's order.
    """
    facts: dict[str, Fact] = {}
    titles: dict[str, str] = {}
    section, loose = "", ""
    for line in [*text.splitlines(), "## 99. End"]:
        heading = re.match(r"#{2,3} (\d+(?:\.\d+)?)\.? (.*)", line)
        if heading:
            if _has_loose_facts(section, loose, facts):
                facts[section] = Fact(section, section, _WHOLE, loose)
            section, loose = heading[1], ""
            if section.split(".")[0] not in SKIPPED and section != "99":
                titles[section] = TITLES.get(section, heading[2])
            continue
        if section not in titles:
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\| ", line.strip("|").strip())]
        numbered = re.match(r"(\d+)\. (.*)", line) if section == "2.4" else None
        if numbered:
            name = f"2.4.{numbered[1]}"
            facts[name] = Fact(name, section, numbered[2], numbered[2])
        elif line.startswith("|") and re.fullmatch(r"\d(?:\.\d{1,2}){1,2}", cells[0]):
            name = cells[0]
            # Section 5 has no column of sources: all of it was read and run again.
            source = cells[-1] if section[0] != "5" else "[S,X]"
            facts[name] = Fact(name, section, " – ".join(cells[1:2]), source)
        else:
            loose += line + "\n"
    return facts, titles


def _has_loose_facts(section: str, loose: str, facts: dict[str, Fact]) -> bool:
    if section.split(".")[0] in (*SKIPPED, "", "99") or ("." not in section and section != "7"):
        return False
    numbered = any(fact.section == section for fact in facts.values())
    tables = [line for line in loose.splitlines() if line.startswith("| ")]
    return not numbered or len([line for line in tables if not line.startswith("| #")]) > 2
