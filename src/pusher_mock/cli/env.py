"""``pusher-mock env``."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from compat.names import MOCK_DEFAULTS, NUMERIC_APP_ID, SPELLINGS
from pusher_mock.protocol.errors import UsageError

from .plain import plain
from .surroundings import place_of, supplied

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NameRead", "env", "names_read"]

_FRAMEWORKS = frozenset({"django", "flask"})
_PLACE = ("host", "port", "ssl")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _fish(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _dotenv(value: str) -> str:
    return value if re.fullmatch(r"[\w:/.@%+-]*", value) else _fish(value)


_LINES: dict[str, Callable[[str, str], str]] = {
    "sh": lambda name, value: f"export {name}={shlex.quote(value)}",
    "fish": lambda name, value: f"set -gx {name} {_fish(value)}",
    "dotenv": lambda name, value: f"{name}={_dotenv(value)}",
}


@click.command(short_help="Print settings for an application.")
@click.option(
    "--shell",
    type=click.Choice([*_LINES, "json"]),
    default="sh",
    show_default=True,
    help="How they are written.",
)
@click.option(
    "--url",
    envvar="PUSHER_MOCK_URL",
    show_envvar=True,
    metavar="URL",
    help="A local server that the application is to use.",
)
@click.argument("path", required=False, type=click.Path(exists=True))
def env(shell: str, url: str | None, path: str | None) -> None:
    """Print settings for an application that reads them as it is imported.

    Every known spelling (PUSHER_KEY, PUSHER_APP_KEY, ...) with the documented credentials of the
    mock, and with --url where the server is. With PATH, a project's folder, also the names that
    the project reads.

    This catches no call: `pusher-mock run` does, and supplies these by itself.

    \b
    Examples:
      eval "$(pusher-mock env)"
      pusher-mock env --shell fish | source
      pusher-mock env --shell dotenv --url http://127.0.0.1:6001 > .env.local
      pusher-mock env --shell json .

    Exit codes: 0; 2 the command is wrong.
    """
    place = place_of(url) if url is not None else None
    values = {"USE_MOCKS": "true", **supplied({})}
    by_kind = {**MOCK_DEFAULTS, "app_id": NUMERIC_APP_ID}
    if place is not None and url is not None:
        by_kind |= {"host": place.host, "port": str(place.port), "ssl": str(place.ssl).lower()}
        del values["PUSHER_URL"]  # the SDK takes no port from it (facts 5.1)
        values |= {name: by_kind[kind] for kind in _PLACE for name in SPELLINGS[kind]}
        values["PUSHER_SCHEME"] = "https" if place.ssl else "http"
        values["PUSHER_MOCK_URL"] = url
    unknown: list[NameRead] = []
    for read in names_read(path) if path is not None else []:
        if read.name in values or not _NAME.match(read.name):
            continue
        if read.kind in by_kind:
            values[read.name] = by_kind[read.kind]
        elif read.required:
            unknown.append(read)
    if shell == "json":
        click.echo(json.dumps(values, indent=2))
    else:
        for name, value in values.items():
            click.echo(_LINES[shell](name, value))
    if unknown:
        click.echo(_ask_for(unknown), err=True)


def _ask_for(unknown: list[NameRead]) -> str:
    """What somebody is told who has to supply values by himself."""
    names = ", ".join(plain(one.name) for one in unknown)
    places = ", ".join(plain(one.name) for one in unknown if one.kind in _PLACE)
    text = (
        f"the project needs a value for {names}, too: export NAME=VALUE, or start it with "
        "pusher-mock run --set NAME=VALUE"
    )
    return f"{text}; --url URL supplies {places}" if places else text


class NameRead(NamedTuple):
    """An environment variable that a project reads.

    Attributes:
        name: the variable.
        kind: ``app_id``, ``key``, ``secret``, ``cluster``, ``host``, ``port``, ``ssl`` or another
            word; ``None`` when it cannot be told.
        required: whether the project fails without it.
    """

    name: str
    kind: str | None
    required: bool


def names_read(path: str) -> list[NameRead]:
    """The environment variables that a project reads, and what each is for.

    Args:
        path: the project's folder, or a file.

    Raises:
        UsageError: it is neither, or nothing is installed that could read it.
    """
    if not (Path(path).is_dir() or Path(path).is_file()):
        raise UsageError(f"{plain(path)} is neither a folder nor a file that could be read")
    try:
        read = import_module("pusher_mock.doctor").read_project
    except (ModuleNotFoundError, AttributeError):
        raise UsageError("this version cannot read projects; leave PATH out") from None
    found = [
        NameRead(one.name, one.kind, one.required)
        for one in read(path).settings
        if one.source not in _FRAMEWORKS  # which have their own settings
    ]
    return list(dict.fromkeys(found))
