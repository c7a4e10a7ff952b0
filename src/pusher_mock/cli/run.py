"""``pusher-mock run``."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["run"]

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")


@click.command(
    short_help="Run a command with every call of Pusher caught.",
    context_settings={"allow_interspersed_args": False},
)
@click.option("--serve", is_flag=True, help="Run a server beside it, where its processes meet.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="That server's port.  [default: any that is free]",
)
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="ID:KEY:SECRET",
    help="An app that it knows from the start; others come to be with the first SDK client that "
    "has their key. May be repeated.",
)
@click.option(
    "--server",
    envvar="PUSHER_MOCK_URL",
    show_envvar=True,
    metavar="URL",
    help="Use a server that runs already, such as http://127.0.0.1:6001.",
)
@click.option(
    "--door",
    "doors",
    multiple=True,
    metavar="NAME",
    help="Catch the calls of this library only: sdk, httpx, requests, aiohttp, websocket; may be "
    "repeated, or several with commas.  [default: all]",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host that is Pusher's besides *.pusher.com and *.pusherapp.com; may be repeated.",
)
@click.option(
    "--allow-real",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host that is called for real; may be repeated.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A variable for the command; may be repeated.",
)
@click.option(
    "--strict/--no-strict",
    default=True,
    help="Refuse calls of Pusher that no door takes, and a 0 where nothing could be caught.  "
    "[default: refuse]",
)
@click.option("--quiet", is_flag=True, help="Print nothing but what is wrong.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(
    context: click.Context,
    serve: bool,
    port: int | None,
    apps: tuple[str, ...],
    server: str | None,
    doors: tuple[str, ...],
    hosts: tuple[str, ...],
    allow_real: tuple[str, ...],
    settings: tuple[str, ...],
    strict: bool,
    quiet: bool,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND with every call of Pusher caught, and nothing of the application edited.

    The doors are put in before the application is imported, in each Python process that COMMAND
    is or starts: a reloader's second process, workers, what make or npm call. By default calls are
    answered in memory, by a mock for each process. With --serve or --server all processes meet at
    one server, and so do browsers.

    USE_MOCKS=true and the usual names (PUSHER_KEY, PUSHER_APP_SECRET, ...) are supplied where they
    are missing; what is set stays.

    \b
    Examples:
      pusher-mock run -- python manage.py test
      pusher-mock run --serve -- python manage.py runserver
      pusher-mock run --server http://127.0.0.1:6001 -- celery -A shop worker
      pusher-mock run --set WEBSOCKET_APP_KEY=k --host ws.shop.test:6001 -- make dev

    Exit codes: that of COMMAND, and 128 and the signal's number if one killed it; 1 if it ended
    with 0 but a call was refused, or no Python could catch calls, or there is no server; 2 this
    command is wrong; 126 and 127 COMMAND cannot be run or is not there.
    """
    from pusher_mock.bootstrap import REPORTS, VARIABLE, Orders
    from pusher_mock.bootstrap.lasting import LastingInterception
    from pusher_mock.intercept.doors import read_doors

    from .interpreters import check_command
    from .launch import launch
    from .programs import check_there
    from .surroundings import check_startup, credentials, named_hosts, python_path, supplied
    from .verdict import conclude

    if serve and _is_given(context, "server"):
        raise UsageError("--serve starts a server and --server names one; leave one of them out")
    if (port is not None or apps) and not serve:
        raise UsageError("--port and --app belong to --serve")
    check_startup()
    check_command(command)
    environment = {**os.environ, **dict(_read_settings(settings))}
    doors = read_doors(doors) if doors else ()
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="pusher-mock-"))
        url, token = None, None
        hosts = (*hosts, *named_hosts(environment))
        # Before a server is started: what is wrong with them is said here, not in each process.
        LastingInterception(Orders(doors, hosts, allow_real), folder)
        check_there(command, environment)
        if serve:
            from .hosting import hosted

            url, token = stack.enter_context(hosted(port or 0, apps, credentials(environment)))
            where = f"go to {url}, which runs for as long as it does"
        elif server is not None:
            from .existing import reach

            url, allow_real = reach(server, allow_real, environment)
            where = f"go to {url}"
        else:
            where = (
                "stay in memory, with a mock for each process; "
                "where several are to meet, use --serve or --server URL"
            )
        orders = Orders(doors, hosts, allow_real, url, token, strict)
        environment |= supplied(environment)
        environment |= {
            VARIABLE: orders.dumps(),
            REPORTS: folder,
            "PYTHONPATH": python_path(environment),
        }
        if url is not None:
            environment["PUSHER_MOCK_URL"] = url
        if not quiet:
            click.echo(f"pusher-mock: calls of Pusher {where}", err=True)
        code = launch(command, environment)
        code = conclude(command, code, folder, strict=strict)
    context.exit(code)


def _is_given(context: click.Context, option: str) -> bool:
    """Whether an option stands on the command line, and not in the environment."""
    return context.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


def _read_settings(settings: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(settings, 1):
        name, equals, value = text.partition("=")
        if not equals or not name:
            # What does not look like a name may be a secret.
            which = f" {name}" if _NAME.match(name) else f", number {number},"
            raise UsageError(f"--set{which} has no value: --set takes NAME=VALUE")
        yield name, value
