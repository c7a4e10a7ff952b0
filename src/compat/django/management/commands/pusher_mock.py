"""``manage.py pusher_mock``: look into the mock, publish to it, reset it."""

import json
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse

from compat.accessor import get_pusher_settings, is_mocked
from compat.django.control import HEADER, CommandFailed, run
from compat.errors import ConfigurationError
from compat.frameworks import mock_is_active

__all__ = ["Command"]

_SERVER: Final = "http://127.0.0.1:8000"
_TIMEOUT_S: Final = 10


class Command(BaseCommand):
    """Look into the mock of a running development server."""

    help = (
        "Look into the mock of a running development server, publish to it, or reset it. A mock "
        "lives in one process, so this asks the server, at an address that "
        "compat.django.urls provides; in a test it uses the test's own mock, and with "
        "PUSHER_MOCK_URL the local Pusher server."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments.

        Args:
            parser: Of this command.
        """
        actions = parser.add_subparsers(dest="do", required=True, metavar="{state,trigger,reset}")
        state = actions.add_parser("state", help="channels, subscribers and their last messages")
        trigger = actions.add_parser("trigger", help="publish an event")
        trigger.add_argument("channel")
        trigger.add_argument("event")
        trigger.add_argument(
            "data", nargs="?", default="{}", help="JSON, or any other text as a string (default {})"
        )
        trigger.add_argument("--socket-id", help="the connection to leave out")
        reset = actions.add_parser("reset", help="close every connection, forget everything")
        for action in (state, trigger, reset):
            action.add_argument(
                "--server", help=f"root of the development server (default {_SERVER})"
            )
            action.add_argument("--json", action="store_true", help="print the state as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry the command out.

        Args:
            *args: None.
            **options: The arguments.

        Raises:
            CommandError: It could not be carried out; the text says what to do.
        """
        command: dict[str, Any] = {"do": options["do"]}
        if options["do"] == "trigger":
            command |= {
                "channel": options["channel"],
                "event": options["event"],
                "data": _data(options["data"]),
                "socket_id": options["socket_id"],
            }
        server: str | None = options["server"]
        if server is None and (mock_is_active() or _has_local_server()):
            try:
                state = run(command)
            except CommandFailed as error:
                raise CommandError(str(error)) from error
        else:
            state = _ask(server or _SERVER, command)
        if options["json"]:
            self.stdout.write(json.dumps(state, ensure_ascii=False, indent=2))
        elif options["do"] == "state":
            self._show(state)
        else:
            self.stdout.write({"trigger": "Published.", "reset": "Reset."}[options["do"]])

    def _show(self, state: dict[str, Any]) -> None:
        channels, subscriptions = state["channels"], state["subscriptions"]
        self.stdout.write(
            f"{_count(channels, 'channel')}, {_count(subscriptions, 'connection')} subscribed"
        )
        width = max((len(channel["name"]) for channel in channels), default=0)
        for channel in channels:
            self.stdout.write(
                f"  {channel['name']:<{width}}  {channel['subscriberCount']} subscribed, "
                f"{channel['messageCount']} kept: {', '.join(channel['events']) or '-'}"
            )


def _has_local_server() -> bool:
    try:
        return get_pusher_settings().mock_url is not None
    except ConfigurationError:
        return False  # `_ask` says what is wrong


def _count(things: list[Any], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ask(server: str, command: dict[str, Any]) -> dict[str, Any]:
    if not is_mocked():
        raise CommandError("USE_MOCKS is off: there is no mock to look into")
    try:
        path = reverse("pusher:mock")
    except NoReverseMatch:
        raise CommandError(
            "the development server has no address for this: add "
            'path("pusher/", include("compat.django.urls")) to the URLs of the project'
        ) from None
    url = f"{server.rstrip('/')}{path}"
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"--server {server}: write http://HOST:PORT")
    request = Request(
        url,
        data=json.dumps(command).encode(),
        headers={HEADER: "1", "Content-Type": "application/json"},
    )
    try:
        # No proxy: the server is on this machine.
        with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_S) as response:
            state: dict[str, Any] = json.load(response)
            return state
    except HTTPError as error:
        raise CommandError(_refusal(url, error)) from error
    except (URLError, OSError) as error:
        raise CommandError(
            f"nothing answers at {url}: start `manage.py runserver` with USE_MOCKS=true, or name "
            f"the server with --server ({error})"
        ) from error
    except ValueError as error:
        raise CommandError(f"{url} did not answer with JSON: is it this project?") from error


def _refusal(url: str, error: HTTPError) -> str:
    if error.code == 404:
        return (
            f"{url} shows nothing: its mocks are off, or it does not run in development, or it "
            "is another project"
        )
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"{url} answered {error.code}"
