"""How ``tail`` shows a record: one line, with colours where they can be seen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.text import Text

__all__ = ["line_of"]

Record = dict[str, Any]
Part = tuple[str, str]

_MARGIN = 12  # the longest kind
_STYLES = {
    "published": "bold green",
    "opened": "cyan",
    "closed": "cyan",
    "subscribed": "blue",
    "unsubscribed": "blue",
    "webhook": "magenta",
    "refused": "bold red",
    "error": "bold red",
    "lost": "bold yellow",
}


def line_of(record: Record) -> Text:
    """The record as a line; what clients have chosen cannot move the cursor."""
    from rich.text import Text

    kind = str(record["kind"])
    parts: list[Part] = []
    if "time" in record:
        moment = datetime.fromtimestamp(record["time"]).astimezone()
        parts.append((f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d} ", "dim"))
    parts.append((f"{kind:<{_MARGIN}} ", _STYLES.get(kind, "")))
    parts += _PARTS.get(kind, _anything)(record)
    return Text.assemble(*[(plain(text), style) for text, style in parts])


def _published(record: Record) -> list[Part]:
    parts = [(record["channel"], "bold"), (" ", ""), (record["event"], "yellow")]
    parts.append((f" {record['data']}", ""))
    if record["client"]:
        user = f", user {record['user_id']}" if record["user_id"] is not None else ""
        parts.append((f"  (from {record['socket_id']}{user})", "dim"))
    elif record["socket_id"] is not None:
        parts.append((f"  (not to {record['socket_id']})", "dim"))
    return parts


def _opened(record: Record) -> list[Part]:
    client = " ".join(filter(None, [record["client"], record["version"]]))
    return [(record["socket_id"], ""), (f"  {client} protocol {record['protocol']}", "dim")]


def _ended(record: Record) -> list[Part]:
    parts = [(record["socket_id"], "")] if "socket_id" in record else []
    told = [str(one) for one in (record["code"], record["reason"]) if one is not None]
    return [*parts, (f"  {' '.join(told)}" if parts and told else " ".join(told), "dim")]


def _subscription(record: Record) -> list[Part]:
    user = f"  user {record['user_id']}" if "user_id" in record else ""
    return [(record["channel"], "bold"), (f" {record['socket_id']}", ""), (user, "dim")]


def _webhook(record: Record) -> list[Part]:
    events = ", ".join(f"{one['name']} {one['channel']}" for one in record["events"])
    return [(record["url"], ""), (f"  {events}", "dim")]


def _lost(record: Record) -> list[Part]:
    return [(f"{record['count']} lines: they came faster than they could be shown", "")]


def _anything(record: Record) -> list[Part]:
    """A kind of a later version."""
    known = ("kind", "at", "time", "app")
    return [
        (" ".join(f"{name}={value}" for name, value in record.items() if name not in known), "")
    ]


_PARTS: dict[str, Callable[[Record], list[Part]]] = {
    "published": _published,
    "opened": _opened,
    "closed": _ended,
    "refused": _ended,
    "error": _ended,
    "subscribed": _subscription,
    "unsubscribed": _subscription,
    "webhook": _webhook,
    "lost": _lost,
}
