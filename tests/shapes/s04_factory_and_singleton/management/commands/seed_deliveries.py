"""``manage.py seed_deliveries``: rows to begin with."""

from typing import Any

from django.core.management.base import BaseCommand
from tests.shapes.s04_factory_and_singleton.models import Delivery

ADDRESSES = ("1 High Street", "2 High Street", "3 High Street")


class Command(BaseCommand):
    """Save one delivery for each address."""

    def handle(self, *args: Any, **options: Any) -> None:
        for address in ADDRESSES:
            Delivery(address=address).save()
