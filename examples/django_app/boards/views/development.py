"""For development: the page of recent events, which alone knows of the mock, and the stand-ins."""

import json
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from compat import is_mocked
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from boards import stand_ins
from boards.realtime import NOTES_CHANNEL_PREFIX
from boards.views.pages import SignedInRequest, workspace_or_404

SHOWN: Final = 100


@login_required
def events(request: SignedInRequest) -> HttpResponse:
    """What this process published, newest first. Without mocks there is nothing to read: 404."""
    if not is_mocked():
        return render(request, "boards/events_off.html", status=404)
    channel = request.GET.get("channel") or None
    return render(
        request, "boards/events.html", {"rows": recent_events(channel), "channel": channel}
    )


def recent_events(channel: str | None = None) -> list[dict[str, Any]]:
    # Imported here: with mocks off the mock is never loaded.
    from pusher_mock import current_mock

    mock = current_mock()
    # The mock counts milliseconds from its own start.
    started = mock.clock.wall() - mock.clock.now() / 1000
    # Not `mock.published()`: that is for tests, and refuses once the journal has dropped anything.
    newest = reversed(mock.journal.published())
    chosen = (event for event in newest if channel in {None, event.channel})
    return [
        {
            "channel": event.channel,
            "event": event.event,
            "encrypted": event.channel.startswith(NOTES_CHANNEL_PREFIX),
            "data": json.dumps(event.data, ensure_ascii=False),
            "time": datetime.fromtimestamp(started + event.at / 1000, UTC),
        }
        for event in islice(chosen, SHOWN)
    ]


@require_POST
@login_required
def stand_in(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a member of the workspace come or go. Pusher itself takes browsers only: 404."""
    if not is_mocked():
        raise Http404("Stand-ins are for development.")
    workspace = workspace_or_404(request.user, slug)
    person = get_object_or_404(workspace.members, username=request.POST.get("username", ""))
    if "come" in request.POST:
        stand_ins.come(person, workspace)
    else:
        stand_ins.leave(person, workspace)
    return redirect(workspace)
