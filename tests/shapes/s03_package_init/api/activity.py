"""What has happened, to those who follow."""

from datetime import UTC, datetime
from decimal import Decimal

from . import pusher_client


def announce(user: str, what: str, price: str) -> None:
    activity = {"what": what, "price": Decimal(price), "at": datetime(2014, 5, 1, tzinfo=UTC)}
    pusher_client.trigger(f"presence-{user}", "activity", activity)
