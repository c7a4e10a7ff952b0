"""Write `docs/reference/support.md`: which facts about Pusher a test holds the mock to.

A fact is a row of `docs/reference/pusher-facts.md` (1.4.3), a numbered line of its section 2.4, or
a whole section where the rows have no numbers (1.3). It is supported when a test names it, see
`tools.cited_facts`. Nothing else makes a fact supported, and the page is refused when one that
`tools.facts` lists as missing is named by a test after all.

    python -m tools.support_matrix [--check]
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from tools.cited_facts import SIDES, read_tests
from tools.facts import MISSING, SKIPPED, STATES, Fact, read_facts

__all__ = ["FACTS", "PAGE", "main", "page"]

ROOT = Path(__file__).parent.parent
FACTS = Path("docs/reference/pusher-facts.md")
PAGE = Path("docs/reference/support.md")

_LONGEST: Final = 130


def _plain(text: str) -> str:
    """A text without emphasis; code stays as it is."""
    pieces = text.split("`")
    return "`".join(
        piece if number % 2 else re.sub(r"\*\*|(?<!\w)\*|\*(?!\w)", "", piece)
        for number, piece in enumerate(pieces)
    )


def _short(text: str) -> str:
    """The first sentence of a fact, as far as it fits into a row."""
    plain = re.split(r"(?<=[^.\d])[.;](?: |$)", _plain(text), maxsplit=1)[0]
    if len(plain) > _LONGEST:
        plain = plain[:_LONGEST].rsplit(" ", 1)[0] + " …"
    if plain.count("`") % 2:
        plain += "`"
    return plain


def _anchor(text: str, section: str) -> str:
    """The id that the site gives to a section's heading of the fact sheet."""
    heading = next(
        line.lstrip("# ")
        for line in text.splitlines()
        if re.match(rf"#{{2,3}} {re.escape(section)}\.? ", line)
    )
    plain = re.sub(r"[^\w\s-]", "", heading).strip().lower()
    return re.sub(r"[-\s]+", "-", plain)


def page(facts_text: str, named: dict[str, dict[str, set[str]]]) -> str:
    """Write the page.

    Raises:
        ValueError: a test names a fact that does not exist, or one that `MISSING` lists.
    """
    facts, titles = read_facts(facts_text)
    for name, modules in named.items():
        fact = facts.get(name)
        if fact is None:
            whole = name in titles or "." not in name or name.split(".")[0] in SKIPPED
            if not whole:
                raise ValueError(f"{min(modules)} names facts {name}: there is no such line")
            continue
        if fact.reason is not None:
            raise ValueError(
                f"{min(modules)} names facts {name}, which tools/facts.py lists as "
                f"missing ({fact.reason}): take it off that list"
            )
        fact.tests = modules
    for name in MISSING:
        if name not in facts and name not in titles:
            raise ValueError(f"MISSING lists {name}, which the fact sheet does not have")

    total = Counter(fact.state for fact in facts.values())
    lines = [
        "# Support matrix",
        "",
        "Which facts about Pusher the mock is held to by its own tests. After this page you know "
        "whether what you rely on is exact, a choice of ours, or not there yet.",
        "",
        "This page is generated from the [fact sheet](pusher-facts.md) and the sources of the "
        "tests, by `python -m tools.support_matrix`; a test fails when it is out of date. A fact "
        "counts when a test names it, by its number. It then says that the fact is tested, not "
        "that every clause of it is.",
        "",
        "| state | facts | meaning |",
        "|---|--:|---|",
        *(f"| **{state}** | {total[state]} | {meaning} |" for state, meaning in STATES.items()),
        f"| all | {sum(total.values())} | |",
        "",
        "A fact is one numbered row of the fact sheet, or a section whose rows have no numbers.",
        "",
        "| runs on | |",
        "|---|---|",
        *(f"| {side} | {meaning} |" for side, meaning in SIDES.items()),
        "",
        "## By feature",
        "",
        "| section | feature | facts | of which |",
        "|---|---|--:|---|",
    ]
    for section, title in titles.items():
        counts = Counter(fact.state for fact in facts.values() if fact.section == section)
        if counts:
            each = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
            link = f"[{section}](#{_own_anchor(section, title)})"
            lines.append(f"| {link} | {title} | {sum(counts.values())} | {each} |")
    for section, title in titles.items():
        inside = [fact for fact in facts.values() if fact.section == section]
        if inside:
            lines += ["", f"## {section} {title}", ""]
            lines.append(
                f"In the fact sheet: [{section}](pusher-facts.md#{_anchor(facts_text, section)})."
            )
            lines += ["", "| # | fact | state | runs on | tests |", "|---|---|---|---|---|"]
            lines += [_row(fact) for fact in inside]
    return "\n".join(lines) + "\n"


def _own_anchor(section: str, title: str) -> str:
    plain = re.sub(r"[^\w\s-]", "", f"{section} {title}").strip().lower()
    return re.sub(r"[-\s]+", "-", plain)


def _row(fact: Fact) -> str:
    text = _short(fact.text)
    if fact.state == "missing":
        return f"| {fact.id} | {text} | missing | | {fact.reason} |"
    sides = [side for side in SIDES if any(side in found for found in fact.tests.values())]
    modules = ", ".join(f"`{Path(name).relative_to('tests')}`" for name in sorted(fact.tests))
    return f"| {fact.id} | {text} | {fact.state} | {', '.join(sides)} | {modules} |"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` return 1 when the committed one is another."""
    text = page((ROOT / FACTS).read_text(encoding="utf-8"), read_tests(ROOT))
    target = ROOT / PAGE
    if "--check" not in arguments:
        target.write_text(text, encoding="utf-8")
        print(f"{PAGE} written")
        return 0
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        print(f"{PAGE} is out of date: run `python -m tools.support_matrix`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
