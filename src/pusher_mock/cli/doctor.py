"""``pusher-mock doctor``."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from compat.names import SPELLINGS
from pusher_mock.doctor import read_project

from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.doctor import Finding, Report

__all__ = ["doctor"]

_ERRORS = 1
_PAGES = "playwright"  # a door for browsers, which a test opens by itself
_TITLES = {
    "error": ("Must be mended", "red"),
    "warning": ("Surprises in tests", "yellow"),
    "note": ("Good to know", "cyan"),
}


@click.command(short_help="Say how a project uses Pusher, and what to add.")
@click.argument("path", default=".", type=click.Path(exists=True, readable=True))
@click.option("--json", "as_json", is_flag=True, help="Print an object of JSON.")
def doctor(path: str, as_json: bool) -> None:
    """Read the project in PATH, by default this folder, and say how it uses Pusher.

    Where clients are built and what of; the settings that are read; keys in pages; secrets that
    stand in files; which calls will be caught, and by which door; and the two lines to add.
    Nothing of the project is imported or run, and no secret is printed.

    \b
    Examples:
      pusher-mock doctor
      pusher-mock doctor backend/
      pusher-mock doctor --json | jq '.findings[] | select(.door == "none")'

    Exit codes: 0 nothing to mend; 1 there is, such as a secret in a file; 2 the command is wrong.
    """
    report = read_project(path, SPELLINGS)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        for line in _lines(report):
            click.echo(line)
    if report.errors:
        raise SystemExit(_ERRORS)


def _lines(report: Report) -> Iterator[str]:
    yield f"{plain(report.root)}: {_count(report.files, 'file')}"
    for severity, (title, colour) in _TITLES.items():
        found = [one for one in report.findings if one.severity == severity]
        if found:
            yield ""
            yield click.style(title, fg=colour, bold=True)
        for one in found:
            yield from _finding(one)
    yield from _settings(report)
    yield from _skipped(report)
    yield from _calls(report)
    yield from _advice(report)


def _finding(one: Finding) -> Iterator[str]:
    where = f"{one.path}:{one.line}" if one.line else one.path
    doors = [name for name in (one.door, *one.others) if name is not None]
    door = " or ".join("no door" if name == "none" else name for name in doors)
    yield f"  {plain(where)}  {plain(one.text)}{f'  [{door}]' if door else ''}"
    if one.advice:
        yield click.style(f"      {plain(one.advice)}", dim=True)


def _settings(report: Report) -> Iterator[str]:
    if not report.settings:
        return
    yield ""
    yield click.style("Settings it reads", bold=True)
    width = max(len(one.name) for one in report.settings)
    for one in report.settings:
        told = [one.kind or "?", one.source]
        if one.required:
            told.append("required at import" if one.at_import else "required")
        yield f"  {plain(one.name):<{width}}  {', '.join(told)}  {plain(one.path)}:{one.line}"


def _skipped(report: Report) -> Iterator[str]:
    if not report.skipped:
        return
    yield ""
    yield click.style("Not read, or not wholly", bold=True)
    for one in report.skipped:
        yield f"  {plain(one.path)}  {plain(one.reason)}"


def _calls(report: Report) -> Iterator[str]:
    """What will be caught, in one line."""
    doors = Counter(str(one.door) for one in report.caught)
    pages, missed = doors.pop(_PAGES, 0), len(report.not_caught)
    perhaps = len(report.perhaps_not_caught)
    yield ""
    if not doors and not pages and not missed and not perhaps:
        return
    caught = ", ".join(f"{door} {number}" for door, number in sorted(doors.items()))
    told = [f"Caught: {caught or 'nothing'}."]
    if pages:
        told.append(f"In pages, by the Playwright door: {pages}.")
    told.append(f"Not caught: {missed or 'nothing'}.")
    if perhaps:
        told.append(f"Perhaps not caught: {perhaps}.")
    yield " ".join(told)


def _advice(report: Report) -> Iterator[str]:
    advice = report.advice
    for problem in advice.problems:
        yield plain(problem)
    if advice.lines:
        word = "Write into" if advice.problems else "Add to"
        yield f"{word} [{advice.section}] in {plain(advice.file or '')}:"
        for line in advice.lines:
            yield f"    {line}"
    else:
        yield plain(f"{advice.text[:1].upper()}{advice.text[1:]}")
    if advice.lines and advice.commands:
        yield f"For processes beside each other: {plain(', '.join(advice.commands))}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'} read"
