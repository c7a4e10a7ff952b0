"""What only shows when files are held side by side."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from .findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .findings import Literally, Setting

__all__ = ["compare_pages", "judge_overrides", "required_at_import"]


def compare_pages(literals: Sequence[Literally]) -> list[Finding]:
    """Keys and clusters of pages that differ from those of the Python side."""
    found = []
    for kind in ("key", "cluster"):
        server = [one for one in literals if one.kind == kind and not one.in_page]
        known = {one.value for one in server}
        if not known:
            continue
        where = min(f"{one.path}:{one.line}" for one in server)
        for page in literals:
            if page.kind != kind or not page.in_page or page.value in known:
                continue
            text = f"the {kind} {page.value!r} of this page is not the one in {where}"
            advice = "one of the two is old: the page hears nothing of what the server publishes"
            name = f"page-{kind}"
            found.append(Finding(page.path, page.line, name, "warning", text, None, advice))
    return found


def judge_overrides(findings: Sequence[Finding], held: Sequence[Finding]) -> list[Finding]:
    """Settings that a test changes, though a client was built before: it keeps the old ones."""
    places = sorted({f"{one.path}:{one.line}" for one in held})
    if not places:
        return list(findings)
    text = f"; the client of {places[0]} was built before and keeps the old value"
    advice = "build the client where it is used, or take pusher_server of `compat`"
    return [
        replace(one, severity="warning", text=one.text + text, advice=advice)
        if one.kind == "override"
        else one
        for one in findings
    ]


def required_at_import(
    settings: Sequence[Setting], spellings: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """Variables without which a file cannot be imported, one finding for each file.

    Args:
        settings: what the project reads.
        spellings: the names that ``pusher-mock run`` sets by itself, by what they are for.
    """
    usual = {"USE_MOCKS", "PUSHER_URL"}
    for kind in _KINDS_WITH_VALUES:
        usual.update((spellings or {}).get(kind, ()))
    needed = [
        one for one in settings if one.required and one.at_import and one.source == "environment"
    ]
    found = []
    for path, group in groupby(sorted(needed, key=_place), key=lambda one: one.path):
        rows = list(group)
        names = ", ".join(dict.fromkeys(one.name for one in rows))
        found.append(
            Finding(
                path,
                rows[0].line,
                "required",
                "warning",
                f"importing this fails without {names}",
                None,
                _remedy(rows, usual),
                "import",
            )
        )
    return found


# What `pusher-mock env PATH` has a value for: by itself, and with --url.
_KINDS_WITH_VALUES: Final = ("app_id", "key", "secret", "cluster")
_KINDS_OF_A_SERVER: Final = ("host", "port", "ssl")


def _remedy(rows: Sequence[Setting], usual: set[str]) -> str:
    """Where values for them come from."""
    others = [one for one in rows if one.name not in usual]
    if not others:
        return "`pusher-mock env` prints values for them, `pusher-mock run` sets them"
    groups: dict[str, list[str]] = {}
    for one in rows:
        if one.name in usual or one.kind in _KINDS_WITH_VALUES:
            source = "`pusher-mock env PATH` prints values for"
        elif one.kind in _KINDS_OF_A_SERVER:
            source = "with --url of a local server `pusher-mock env PATH` prints values for"
        else:
            source = "only you know values for"
        names = groups.setdefault(source, [])
        if one.name not in names:
            names.append(one.name)
    told = [f"{source} {', '.join(names)}" for source, names in groups.items()]
    return "; ".join([*told, "`pusher-mock run` takes them with --set NAME=VALUE"])


def _place(setting: Setting) -> tuple[str, int, str]:
    return setting.path, setting.line, setting.name
