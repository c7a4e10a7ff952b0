"""`manage.py seed_demo`: demo people, workspaces and tasks. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand

from boards.demo import DEMO_USERS, seed


class Command(BaseCommand):
    help = "Create the demo users, workspaces and tasks that are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        seed()
        self.stdout.write(f"Demo data is in place. Log in as {', '.join(DEMO_USERS)}.")
