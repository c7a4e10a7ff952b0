"""Work in a process that ``multiprocessing`` spawns."""

from __future__ import annotations

import multiprocessing

import pusher


def publish(number: int) -> int:
    """Build a client in the child, and publish."""
    client = pusher.Pusher("4715", "child-key", "child-secret", cluster="eu")
    client.trigger("orders", "placed", {"number": number})
    return number


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(publish, (7,)))
