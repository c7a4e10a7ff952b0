"""Demo people who come and go by a click: to a mock in memory no browser can connect.

A stand-in is a client of the switch, subscribed as its person's browser would be.
"""

from typing import TYPE_CHECKING

from compat import get_pusher_client
from django.contrib.auth.models import User

from boards.access import authorize_channel
from boards.models import Workspace
from boards.realtime import get_presence_channel_name

if TYPE_CHECKING:
    import pysher

_clients: "dict[tuple[int, int], pysher.Pusher]" = {}


def come(person: User, workspace: Workspace) -> None:
    """Connect and subscribe.

    Raises:
        PermissionDenied: Not a member.
    """
    channel_name = get_presence_channel_name(workspace.slug)
    member = authorize_channel(person, channel_name)
    if person.pk in present(workspace):
        return
    client = get_pusher_client(connect=True, user_data=member)
    client.subscribe(channel_name)
    _clients[workspace.pk, person.pk] = client


def leave(person: User, workspace: Workspace) -> None:
    client = _clients.pop((workspace.pk, person.pk), None)
    if client is not None:
        client.disconnect()


def present(workspace: Workspace) -> set[int]:
    """The user ids of the stand-ins in a workspace."""
    # A mock that is reset or replaced has disconnected its clients.
    for key in [key for key, one in _clients.items() if one.connection.state != "connected"]:
        del _clients[key]
    return {user_id for workspace_id, user_id in _clients if workspace_id == workspace.pk}
