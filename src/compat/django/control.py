"""A look into the mock of a running development server, for ``manage.py pusher_mock``.

A mock lives in one process; another process can only ask. 404 for everybody while mocks are off,
outside of development, and from any other machine.
"""

import ipaddress
import json
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from compat.accessor import get_pusher_server, get_pusher_settings, is_mocked
from compat.errors import ConfigurationError
from compat.frameworks import active

__all__ = ["HEADER", "CommandFailed", "control", "run"]

HEADER: Final = "X-Pusher-Mock"
"""A browser does not send it across origins unasked, which keeps other people's pages out."""


class CommandFailed(Exception):
    """The command cannot be carried out; the text says why."""


def run(command: dict[str, Any]) -> dict[str, Any]:
    """Carry a command out on the mock: this process's, or in server mode the local server's.

    Args:
        command: ``do`` is ``state``, ``trigger`` (with ``channel``, ``event``, ``data`` and
            perhaps ``socket_id``) or ``reset``.

    Returns:
        The state of the mock after it.

    Raises:
        CommandFailed: It is none of them, or Pusher refused it, or no server answers.
    """
    from pusher.errors import PusherError

    from pusher_mock.remote import RemoteError

    mock = _mock()
    try:
        match command:
            case {"do": "state"}:
                pass
            case {"do": "reset"}:
                mock.reset()
            case {"do": "trigger", "channel": channel, "event": event, "data": data}:
                get_pusher_server().trigger(channel, event, data, command.get("socket_id"))
            case _:
                raise CommandFailed("do is one of state, trigger, reset")
        state: dict[str, Any] = mock.get_state()
    except (RemoteError, PusherError, TypeError, ValueError, OSError) as error:
        # OSError: the SDK raises what requests raises when nobody answers
        raise CommandFailed(str(error)) from error
    return state


def _mock() -> Any:
    """What has `get_state()` and `reset()`."""
    from pusher_mock import current_mock
    from pusher_mock.remote import RemoteMock

    settings = get_pusher_settings()
    if settings.in_memory:
        return current_mock().state
    return RemoteMock.from_settings(settings)


@csrf_exempt  # the header does it: the command line has no session
def control(request: HttpRequest) -> HttpResponse:
    """Take one command as JSON and answer with the state.

    Args:
        request: A POST from this machine, with the header `X-Pusher-Mock`.

    Returns:
        200 with the state, 400 with an ``error``.

    Raises:
        Http404: There is nothing to see.
    """
    if not (_is_development() and _is_local(request) and HEADER in request.headers):
        raise Http404
    try:
        command = json.loads(request.body)
        return JsonResponse(run(command))
    except (ValueError, CommandFailed) as error:
        return JsonResponse({"error": str(error)}, status=400)


def _is_development() -> bool:
    try:
        return is_mocked() and active().is_development()
    except ConfigurationError:
        return False


def _is_local(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
