"""Results of simulations: as a table, as JSON, as a page."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .page_file import write_page
from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pusher_mock.simulate import BenchmarkRow, Outcome

__all__ = ["show", "show_table"]


def show(outcomes: Mapping[str, Outcome], *, as_json: bool, html: str | None, quiet: bool) -> None:
    """Show what simulations returned.

    Args:
        outcomes: by their names.
        as_json: as one object; of several a list in it.
        html: the path that a page goes to as well.
        quiet: a line for each.
    """
    if html is not None:
        _write(html, outcomes, ())
    if as_json:
        told = [{"simulation": name, **one.to_json()} for name, one in outcomes.items()]
        content = told[0] if len(told) == 1 else {"simulations": told}
        click.echo(json.dumps(content, default=str))
        return
    for number, (name, outcome) in enumerate(outcomes.items()):
        if quiet:
            click.echo(plain(str(outcome)))
            continue
        if number:
            click.echo()
        click.echo(click.style(plain(str(outcome)), bold=True))
        rows = [(one.label, one.text) for one in outcome.figures()]
        _print(name, rows, right=1)


def show_table(
    rows: Sequence[BenchmarkRow], *, as_json: bool, html: str | None, quiet: bool
) -> None:
    """Show the benchmark table; see ``show``."""
    if html is not None:
        _write(html, {}, rows)
    if as_json:
        click.echo(json.dumps({"rows": [asdict(row) for row in rows]}))
        return
    met = sum(row.holds for row in rows)
    if not quiet:
        shown = [
            (row.scenario, row.target, row.text, "met" if row.holds else "not met", row.how)
            for row in rows
        ]
        _print("", shown, right=2)
    click.echo(f"{met} of {len(rows)} targets met")


def _write(html: str, outcomes: Mapping[str, Outcome], rows: Sequence[BenchmarkRow]) -> None:
    from pusher_mock.simulate import report

    write_page(html, report(outcomes, rows))


def _print(title: str, rows: Sequence[tuple[str, ...]], *, right: int) -> None:
    """Rows in columns, with borders on a terminal; one of the columns holds numbers."""
    if sys.stdout.isatty() and _print_rich(title, rows, right):
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            f"{cell:>{width}}" if column == right else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo(plain("  ".join(cells).rstrip()))


def _print_rich(title: str, rows: Sequence[tuple[str, ...]], right: int) -> bool:
    """Whether rich is there, and has printed them."""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError:
        return False
    table = Table(title=title or None, show_header=False, title_justify="left")
    for column in range(len(rows[0])):
        table.add_column(justify="right" if column == right else "left")
    for row in rows:
        table.add_row(*[Text(plain(cell)) for cell in row])
    Console().print(table)
    return True
