"""``pusher-mock trigger``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from compat.names import SPELLINGS
from pusher_mock.protocol.errors import UsageError

from .options import with_remote
from .plain import plain

if TYPE_CHECKING:
    from pusher.pusher_client import PusherClient

    from .remote import Remote

__all__ = ["trigger"]

_ENCRYPTED = "private-encrypted-"


@click.command(short_help="Publish an event.")
@click.argument("channel")
@click.argument("event")
@click.argument("data", default="{}")
@click.option("--socket-id", help="Leave this connection out, as in 123.456.")
@click.option("--info", metavar="NAMES", help="Ask for subscription_count, user_count, or both.")
@click.option(
    "--master-key",
    envvar=list(SPELLINGS["encryption_master_key_base64"]),
    show_envvar=True,
    help="What encrypted channels are encrypted with: 32 bytes in base64.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer.")
@with_remote
def trigger(
    remote: Remote,
    channel: str,
    event: str,
    data: str,
    socket_id: str | None,
    info: str | None,
    master_key: str | None,
    as_json: bool,
) -> None:
    """Publish EVENT on CHANNEL, through the real SDK.

    DATA is JSON or any other text ({} by default), and goes out as it is. With - it is read from
    standard input.

    \b
    Examples:
      pusher-mock trigger task-7 new-message '{"text": "hello"}'
      pusher-mock trigger presence-room ping --info user_count
      date | pusher-mock trigger clock tick -

    Exit codes: 0 published; 1 the server said no or is not there; 2 the command is wrong.
    """
    if data == "-":
        data = _standard_input()
    options: dict[str, str] = {}
    if channel.startswith(_ENCRYPTED):
        if not master_key:
            raise UsageError(
                f"{plain(channel)} is encrypted; give the key with --master-key or "
                f"{SPELLINGS['encryption_master_key_base64'][0]}"
            )
        options["encryption_master_key_base64"] = master_key

    def publish(client: PusherClient) -> Any:
        from pusher.http import POST, Request

        request = client.trigger.make_request(channel, event, data, socket_id)
        if info:  # the SDK has no parameter for it (facts 5.1)
            request = Request(client, POST, request.path, {**request.params, "info": info})
        return client.http.send_request(request)

    answer = remote.ask(publish, **options)
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(f"{plain(event)} is published on {plain(channel)}")
    for name, value in answer.get("channels", {}).get(channel, {}).items():
        click.echo(f"  {plain(name)} {plain(str(value))}")


def _standard_input() -> str:
    with click.open_file("-", "rb") as stream:
        try:
            return str(stream.read(), "utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            raise UsageError("standard input is not UTF-8 text") from None
