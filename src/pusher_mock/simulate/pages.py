"""A report on one page of HTML that stands by itself: it loads nothing and runs nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .drawing import draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .figures import Outcome
    from .targets import BenchmarkRow

__all__ = ["report"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5a6272; --page: #fbfbfc;
  --card: #ffffff; --edge: #dfe2e8; --mark: #3266c8; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7e9ee; --soft: #a2a9b8; --page: #14161b; --card: #1c1f26; --edge: #333843;
    --mark: #7ea6f4; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 74rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 0 0 .25rem; }
p { margin: 0 0 1rem; }
p.lead { color: var(--soft); }
nav a { color: var(--mark); margin-right: 1rem; }
section { background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
  padding: 1.25rem; margin: 1.5rem 0; }
.body { display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; gap: 2rem; }
@media (max-width: 56rem) { .body { grid-template-columns: 1fr; } }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--edge);
  vertical-align: top; }
th { font-weight: 500; color: var(--soft); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0;
  overflow-wrap: break-word; }
#benchmark td, #benchmark td.number { white-space: nowrap; padding-right: 1.5rem; }
#benchmark td:last-child { white-space: normal; padding-right: 0; }
td.failed { color: var(--bad); font-weight: 600; }
svg { width: 100%; max-width: 40rem; height: auto; display: block; margin: 0 0 1.5rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
svg text.title { font-size: 14px; font-weight: 600; fill: var(--ink); }
.grid { stroke: var(--edge); stroke-width: 1; }
.line { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
.mark { fill: var(--mark); }
"""


def report(outcomes: Mapping[str, Outcome], table: Sequence[BenchmarkRow] = ()) -> str:
    """Write results as a page with tables and charts, in light or dark as the reader has it.

    Args:
        outcomes: what simulations returned, by their names.
        table: rows of the benchmark table, shown first.

    Returns:
        The text of an HTML file. Whatever comes from outside is escaped.
    """
    links = "".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name in outcomes)
    parts = [_benchmark(table)] if table else []
    parts += [_section(name, outcome) for name, outcome in outcomes.items()]
    titles = ", ".join(outcomes) or "benchmark table"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Simulations: {escape(titles)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        "<h1>Simulations</h1>\n"
        '<p class="lead">Real frames on a mock of Pusher Channels, on its virtual clock. The same '
        "seed and network give the same figures; real time, memory and processor time are "
        f"measured.</p>\n<nav>{links}</nav>\n{''.join(parts)}</body>\n</html>\n"
    )


def _section(name: str, outcome: Outcome) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th>'
        f'<td class="number">{escape(one.text)}</td></tr>'
        for one in outcome.figures()
    )
    pictures = "".join(draw(chart) for chart in outcome.charts)
    return (
        f'<section id="{_anchor(name)}">\n<h2>{escape(name)}</h2>\n<p>{escape(str(outcome))}</p>\n'
        f'<div class="body"><div><table>{rows}</table></div><div>{pictures}</div></div>\n'
        "</section>\n"
    )


def _benchmark(table: Sequence[BenchmarkRow]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(row.scenario)}</th><td>{escape(row.target)}</td>'
        f'<td class="number">{escape(row.text)}</td>'
        f'<td class="{"met" if row.holds else "failed"}">{"met" if row.holds else "not met"}</td>'
        f"<td>{escape(row.how)}</td></tr>"
        for row in table
    )
    heads = "".join(
        f'<th scope="col">{one}</th>' for one in ("Scenario", "Target", "Measured", "", "How")
    )
    return (
        '<section id="benchmark">\n<h2>Targets</h2>\n'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>\n</section>\n"
    )


def _anchor(name: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in name)
