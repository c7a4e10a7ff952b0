"""The time, which the application moves in order to replay a day of games."""

import time

true_time = time.time


def travel(seconds: float) -> None:
    """Be that much later from now on, for everything that asks ``time.time()``."""
    time.time = lambda: true_time() + seconds


def come_back() -> None:
    time.time = true_time
