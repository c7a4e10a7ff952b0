"""``pusher-mock serve``."""

from __future__ import annotations

from contextlib import ExitStack

import click

from pusher_mock.protocol.errors import UsageError

from .options import DEFAULT_PORT, Seed

__all__ = ["serve"]


@click.command(short_help="Run a Pusher on this machine.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. Anything but this machine's own lets others in.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option(
    "--app",
    "given",
    multiple=True,
    metavar="ID:KEY:SECRET",
    help="An app; may be repeated. Others on this machine see it in the list of processes.",
)
@click.option("--apps", "file", metavar="FILE", help="Apps with all their switches, TOML or JSON.")
@click.option(
    "--webhook", "webhooks", multiple=True, metavar="URL", help="Where webhooks go; repeatable."
)
@click.option(
    "--client-events/--no-client-events",
    default=None,
    help="Relay events of clients.  [default: relay]",
)
@click.option("--certfile", metavar="FILE", help="Speak TLS, with this certificate chain in PEM.")
@click.option("--keyfile", metavar="FILE", help="Its key, unless it is in the same file.")
@click.option("--self-signed", is_flag=True, help="Speak TLS, with a certificate made for this.")
@click.option(
    "--max-connections",
    type=click.IntRange(min=1),
    metavar="N",
    help="More are refused with 4100.  [default: 20000]",
)
@click.option(
    "--network",
    envvar="PUSHER_MOCK_NETWORK",
    show_envvar=True,
    metavar="WEATHER",
    help="A profile, such as lossy or mobile, or conditions: 'latency=10..100 drop_rate=0.01'.",
)
@click.option(
    "--seed",
    envvar="PUSHER_MOCK_SEED",
    show_envvar=True,
    type=Seed(),
    metavar="N",
    help="What chance begins with; random takes any.  [default: 0]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="The least that is logged, on standard error.  [default: warning]",
)
@click.option("--quiet", is_flag=True, help="Print nothing but warnings and errors.")
@click.option(
    "--print-env", is_flag=True, help="Print the settings for the application, and nothing else."
)
def serve(
    host: str,
    port: int,
    given: tuple[str, ...],
    file: str | None,
    webhooks: tuple[str, ...],
    client_events: bool | None,
    certfile: str | None,
    keyfile: str | None,
    self_signed: bool,
    max_connections: int | None,
    network: str | None,
    seed: int | None,
    log_level: str | None,
    quiet: bool,
    print_env: bool,
) -> None:
    """Run a Pusher on this machine, until Ctrl-C.

    WebSockets and the HTTP API are on one port. Without --app and --apps there is one app, with the
    credentials of the documentation: key mock-pusher-key, secret mock-pusher-secret, id 1. When it
    is ready it prints where it is, what pusher-js needs, and the line PUSHER_MOCK_URL=… for the
    environment of your application.

    \b
    Examples:
      pusher-mock serve
      pusher-mock serve --port 0 --print-env
      pusher-mock serve --app 42:shop-key:shop-secret --webhook http://127.0.0.1:8000/pusher/webhook
      pusher-mock serve --apps apps.toml --self-signed
      pusher-mock serve --network lossy --seed 3

    Exit codes: 0 stopped by Ctrl-C or SIGTERM, after telling every client to come back (4200); 2
    the command is wrong, an apps file or the weather too, or the port is taken.
    """
    from pusher_mock.clock import SystemClock
    from pusher_mock.mock import PusherMock
    from pusher_mock.server import ServerLimits, create_app

    from .apps import choose_apps
    from .foreground import serve_until_stopped
    from .greeting import environment, greeting, local_url, unheeded, warning_for, weather_line
    from .logs import show_logs

    apps = choose_apps(given, file, webhooks, client_events)
    show_logs(log_level)
    if (warning := warning_for(host)) is not None:
        click.echo(f"Warning: {warning}", err=True)
    if network and (warning := unheeded(network)) is not None:
        click.echo(f"Warning: {warning}", err=True)
    limits = ServerLimits() if max_connections is None else ServerLimits(max_connections)
    mock = PusherMock(
        clock=SystemClock(),
        apps=apps,
        strict=True,
        journal=_JOURNAL,
        network=network or None,
        seed=seed or 0,
    )
    with ExitStack() as stack:
        stack.callback(mock.close)
        certfile, cafile = _certificate(stack, host, certfile, keyfile, self_signed)

        def ready(number: int) -> None:
            url = local_url(host, number, certfile is not None)
            if print_env:
                lines = environment(url, apps)
            else:
                forecast = weather_line(mock.network.base, mock.seed)
                lines = greeting(url, host, number, apps, cafile, certfile is not None, forecast)
            if not quiet or print_env:
                click.echo("\n".join(lines))

        serve_until_stopped(
            create_app(mock, limits=limits),
            host,
            port,
            ready,
            certfile=certfile,
            keyfile=keyfile,
        )


_JOURNAL = 1_000  # inputs; nobody asserts on a server of its own process


def _certificate(
    stack: ExitStack, host: str, certfile: str | None, keyfile: str | None, self_signed: bool
) -> tuple[str | None, str | None]:
    """The certificate to serve with, and whom to trust for it."""
    from pusher_mock.server import certificates

    if self_signed:
        if certfile is not None or keyfile is not None:
            raise UsageError(
                "--self-signed makes a certificate; leave --certfile and --keyfile out"
            )
        made = stack.enter_context(certificates.self_signed(host))
        return made.certfile, made.cafile
    if certfile is not None:
        certificates.check_certificate(certfile, keyfile)
    elif keyfile is not None:
        raise UsageError("--keyfile belongs to a --certfile")
    return certfile, None
