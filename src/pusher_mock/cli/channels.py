"""``pusher-mock channels``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from pusher_mock.protocol.errors import UsageError

from .options import with_remote
from .plain import plain

if TYPE_CHECKING:
    from pusher.pusher_client import PusherClient

    from .remote import Remote

__all__ = ["channels"]


@click.command(short_help="List channels, or describe one.")
@click.argument("channel", required=False)
@click.option("--prefix", help="Only channels whose name begins with this.")
@click.option("--users", is_flag=True, help="The ids of the users on CHANNEL, a presence channel.")
@click.option(
    "--info",
    metavar="NAMES",
    help="Attributes, with commas between them: user_count; for one CHANNEL also "
    "subscription_count and cache.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer.")
@with_remote
def channels(
    remote: Remote,
    channel: str | None,
    prefix: str | None,
    users: bool,
    info: str | None,
    as_json: bool,
) -> None:
    """List the channels that somebody is subscribed to, or describe CHANNEL.

    \b
    Examples:
      pusher-mock channels
      pusher-mock channels --prefix presence- --info user_count
      pusher-mock channels presence-room --users
      pusher-mock channels private-cache-rates --info subscription_count,cache --json

    Exit codes: 0 answered; 1 the server said no or is not there; 2 the command is wrong.
    """
    if users and (channel is None or info is not None):
        raise UsageError("--users takes a CHANNEL, and no --info")
    if channel is not None and prefix is not None:
        raise UsageError("--prefix lists channels; leave CHANNEL out")
    names = info.split(",") if info else []
    answer = remote.ask(lambda client: _look(client, channel, prefix, users, names))
    if as_json:
        click.echo(json.dumps(answer))
    elif channel is None:
        _show_list(answer["channels"])
    elif users:
        for user in answer["users"]:
            click.echo(plain(str(user["id"])))
    else:
        _show(answer)


def _look(
    client: PusherClient, channel: str | None, prefix: str | None, users: bool, names: list[str]
) -> Any:
    if channel is None:
        return client.channels_info(prefix, names)
    if users:
        return client.users_info(channel)
    return client.channel_info(channel, names)


def _show_list(found: dict[str, dict[str, Any]]) -> None:
    if not found:
        click.echo("nobody is subscribed to anything", err=True)
    width = max(map(len, found), default=0)
    for name, attributes in sorted(found.items()):
        shown = "  ".join(f"{one} {value}" for one, value in attributes.items())
        click.echo(plain(f"{name:<{width}}  {shown}".rstrip()))


def _show(attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        click.echo(plain(f"{name} {shown}"))
