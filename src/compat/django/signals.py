"""What the webhook view tells the project."""

from typing import Final

from django.dispatch import Signal

__all__ = ["webhook_received"]

webhook_received: Final = Signal()
"""Sent once for each event of a webhook whose signature fits.

Receivers get ``event`` (a dictionary with ``name``, ``channel`` and more, facts 3.2), ``time_ms``
(when Pusher made it, in milliseconds since 1970) and ``request``. One that raises makes the view
answer 500, so that Pusher sends the webhook again.
"""
