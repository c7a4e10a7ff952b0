"""How a command fails: with one line on standard error and an exit code, never a traceback."""

from __future__ import annotations

import click

__all__ = ["Refused", "Wrong"]


class Refused(click.ClickException):
    """A server, or the service, said no or was not there."""

    exit_code = 1


class Wrong(click.ClickException):
    """The command cannot be carried out as it was given."""

    exit_code = 2
