"""``pusher-mock version``."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

import click

__all__ = ["version"]

_PACKAGES = ("pusher-mock", "pusher", "pysher")


@click.command(short_help="Say which versions are at work.")
@click.option("--json", "as_json", is_flag=True, help="Print an object of JSON.")
def version(as_json: bool) -> None:
    """Say which versions are at work: of pusher-mock, the two SDKs, and Python.

    \b
    Examples:
      pusher-mock version
      pusher-mock version --json

    Exit codes: 0.
    """
    found = {package: _version(package) for package in _PACKAGES}
    found["python"] = platform.python_version()
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, number in found.items():
        click.echo(f"{name:<11} {number or 'not installed'}")


def _version(package: str) -> str | None:
    try:
        return version_of(package)
    except PackageNotFoundError:
        return None
