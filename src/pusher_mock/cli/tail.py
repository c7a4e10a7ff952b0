"""``pusher-mock tail``."""

from __future__ import annotations

import json
import re
from contextlib import closing
from fnmatch import translate
from typing import TYPE_CHECKING, Any

import click

from .failures import Refused
from .options import with_remote
from .stream import records_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .remote import Remote

__all__ = ["tail"]

Record = dict[str, Any]


@click.command(short_help="Show what happens, as it happens.")
@click.option(
    "--channel",
    metavar="PATTERN",
    help="Only what concerns such channels; * stands for any text, ? for one letter.",
)
@click.option("--event", metavar="PATTERN", help="Only events published under such a name.")
@click.option(
    "--count", type=click.IntRange(min=1), metavar="N", help="End after N lines.", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each.")
@with_remote
def tail(
    remote: Remote, channel: str | None, event: str | None, count: int | None, as_json: bool
) -> None:
    """Show what happens to the app of --key, as it happens, until Ctrl-C.

    Events published, by clients too; connections opened, refused and closed; subscriptions; errors
    that a client is told; webhooks. Coloured on a terminal.

    \b
    Examples:
      pusher-mock tail
      pusher-mock tail --channel 'presence-*' --count 10
      pusher-mock tail --json --event new-message | jq -r '.data | fromjson | .text'

    Exit codes: 0 at Ctrl-C or after N lines; 1 the server said no, is not there, or has ended; 2
    the command is wrong.
    """
    wanted = _filter(channel, event)
    show = _printer(as_json)
    shown = 0
    try:
        with closing(records_of(remote)) as records:
            for record in records:
                if record["kind"] == "tail":
                    click.echo(f"listening to app {record['app']} at {remote.shown}", err=True)
                elif record["kind"] == "lost" or wanted(record):
                    show(record)
                    shown += record["kind"] != "lost"
                    if shown == count:
                        return
    except KeyboardInterrupt:
        return
    raise Refused(f"{remote.shown} has ended")


def _filter(channel: str | None, event: str | None) -> Callable[[Record], bool]:
    channels = re.compile(translate(channel or "*"))
    events = re.compile(translate(event or "*"))

    def wanted(record: Record) -> bool:
        if event is not None and (
            record["kind"] != "published" or not events.match(record["event"])
        ):
            return False
        named = [one.get("channel") for one in (record, *record.get("events", ()))]
        return channel is None or any(one is not None and channels.match(one) for one in named)

    return wanted


def _printer(as_json: bool) -> Callable[[Record], None]:
    if as_json:
        return lambda record: click.echo(json.dumps(record))
    from rich.console import Console

    from .lines import line_of

    console = Console(soft_wrap=True, highlight=False, emoji=False)
    return lambda record: console.print(line_of(record))
