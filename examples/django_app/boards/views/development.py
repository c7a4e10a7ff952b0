"""For development: the page of recent events, which alone knows of the mock, and the stand-ins."""

import json
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from compat import get_pusher_settings, is_mocked
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from boards import stand_ins
from boards.realtime import NOTES_CHANNEL_PREFIX, is_in_memory
from boards.views.pages import SignedInRequest, own_channels, workspace_or_404

SHOWN: Final = 100


class MockIsAway(Exception):
    """The local server does not answer; the text says what to do about it."""


@login_required
def events(request: SignedInRequest) -> HttpResponse:
    """What was published, newest first. Without mocks there is nothing to read: 404."""
    if not is_mocked():
        return render(request, "boards/events_off.html", status=404)
    channel = request.GET.get("channel") or None
    rows, problem = [], None
    try:
        rows = events_in_memory(channel) if is_in_memory() else events_of_the_server(channel)
    except MockIsAway as error:
        problem = str(error)
    return render(
        request,
        "boards/events.html",
        {
            "rows": rows,
            "problem": problem,
            "channel": channel,
            "page_channels": own_channels(request.user),
        },
    )


# The mock is imported in these two alone: with mocks off it is never loaded.


def events_in_memory(channel: str | None = None) -> list[dict[str, Any]]:
    """What this process published."""
    from pusher_mock import current_mock

    mock = current_mock()
    # The mock counts milliseconds from its own start.
    started = mock.clock.wall() - mock.clock.now() / 1000
    # Not `mock.published()`: that is for tests, and refuses once the journal has dropped anything.
    newest = reversed(mock.journal.published())
    chosen = (event for event in newest if channel in {None, event.channel})
    return [
        _row(
            event.channel,
            event.event,
            event.raw,
            started + event.at / 1000,
        )
        for event in islice(chosen, SHOWN)
    ]


def events_of_the_server(channel: str | None = None) -> list[dict[str, Any]]:
    """What the local server was told, by any process and by browsers.

    Raises:
        MockIsAway: It does not answer.
    """
    from pusher_mock.remote import RemoteError, RemoteMock

    try:
        found = RemoteMock.from_settings(get_pusher_settings()).events(channel, SHOWN)
    except RemoteError as error:
        raise MockIsAway(str(error)) from error
    return [
        _row(one["channel"], one["event"], one["data"], one["time"], client=one["client"])
        for one in found
    ]


def _row(
    channel: str, event: str, data: str, seconds: float, client: bool = False
) -> dict[str, Any]:
    return {
        "channel": channel,
        "event": event,
        "encrypted": channel.startswith(NOTES_CHANNEL_PREFIX),
        "client": client,
        "data": _readable(data),
        "time": datetime.fromtimestamp(seconds, UTC),
    }


def _readable(data: str) -> str:
    """The same with letters in place of the SDK's escapes."""
    try:
        return json.dumps(json.loads(data), ensure_ascii=False)
    except ValueError:  # a text, which no JSON needs to be
        return data


@require_POST
@login_required
def stand_in(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a member of the workspace come or go. Where browsers can connect themselves: 404."""
    if not is_in_memory():
        raise Http404("Stand-ins are for a mock in memory.")
    workspace = workspace_or_404(request.user, slug)
    person = get_object_or_404(workspace.members, username=request.POST.get("username", ""))
    if "come" in request.POST:
        stand_ins.come(person, workspace)
    else:
        stand_ins.leave(person, workspace)
    return redirect(workspace)
